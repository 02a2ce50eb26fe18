"""The next suggestions of a study: those of prior studies first, then those of its sampler."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.search.scalarization import scalarized, weights
from dlrun.search.suggestion import Completed, Suggestion
from dlrun.study.store.prior_trials import PriorTrials
from dlrun.study.store.trial import Trial
from dlrun.study.store.trials import history, points
from dlrun.study.sweep.plan import SweepPlan


def propose(
    plan: SweepPlan,
    prior_trials: PriorTrials,
    past: Sequence[Trial],
    pending: Sequence[Suggestion],
    count: int,
    number: int,
) -> list[Suggestion]:
    """The next suggestions; empty if the search is complete.

    Args:
        plan: of the study.
        prior_trials: trials that it took from other studies.
        past: trials that have ended.
        pending: suggestions of trials that have not ended.
        count: maximum number of suggestions.
        number: trial number of the first suggestion, from 0.
    """
    sweep, search = plan.sweep, plan.sampler
    known = [*(each.point for each in prior_trials.known), *points(past, sweep.goals)]
    suggestions = list(prior_trials.first[number : number + count])

    def ask(values: Sequence[float | None], count: int) -> list[Suggestion]:
        observed = observations(prior_trials, past, values)
        others = [*pending, *suggestions]
        return search.suggest(plan.space, observed, others, count, sweep.seed)

    if len(sweep.goals) == 1 or plan.batch is None:
        values = [None if point is None else point[0] for point in known]
        return suggestions + ask(values, count - len(suggestions))
    for trial in range(number + len(suggestions), number + count):
        shares = weights(sweep.seed, trial, len(sweep.goals))
        suggestions += ask(scalarized(known, shares), 1)
    return suggestions


def observations(
    prior_trials: PriorTrials, past: Sequence[Trial], values: Sequence[float | None]
) -> list[Completed]:
    """The input of a sampler.

    Args:
        prior_trials: trials that the study took from other studies.
        past: trials that have ended.
        values: of all of them, the prior ones first; lower is better, None for failed ones.
    """
    prior = prior_trials.known
    observed = [
        Completed(-1 - place, each.suggestion, value, again=each.epochs > 0)
        for place, (each, value) in enumerate(zip(prior, values[: len(prior)], strict=True))
    ]
    return observed + history(past, values[len(prior) :])
