"""Costs of prior trials whose study had no cost among its objectives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dlrun.search.suggestion import Suggestion
from dlrun.study.results.scores import priced
from dlrun.study.store.state import State
from dlrun.study.sweep.cost import COSTS
from dlrun.study.sweep.plan import SweepPlan


def with_costs(plan: SweepPlan, state: State, trials: Mapping[int, Suggestion]) -> State:
    """The state of a prior study with the costs that are objectives of a new one.

    Costs follow from the spec alone, so they need not have been recorded.

    Args:
        plan: of the new study.
        state: of the prior study.
        trials: those that were trained to the end, with the suggestion of the new space that leads
            to the same training, by number.
    """
    wanted = {goal.score for goal in plan.sweep.goals} & set(COSTS)
    outcomes = dict(state.outcomes)
    for job, outcome in state.outcomes.items():
        if job.trial in trials and outcome.status == "completed" and wanted - outcome.scores.keys():
            costs = plan.costs(trials[job.trial], job.repeat, outcome.epochs)
            scores = {**priced(plan.sweep.goals, costs), **outcome.scores}
            outcomes[job] = replace(outcome, scores=scores)
    return state.with_outcomes(outcomes)
