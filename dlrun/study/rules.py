"""The rules that end a study early, decided from the trials that have ended."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.quantities import count
from dlrun.spec.flow import show
from dlrun.study.propose import observations
from dlrun.study.store.conclusion import Conclusion
from dlrun.study.store.prior_trials import PriorTrials
from dlrun.study.store.trial import Trial
from dlrun.study.store.trials import points
from dlrun.study.sweep.limits import Until
from dlrun.study.sweep.objective import Objective
from dlrun.study.sweep.plan import SweepPlan


def reached(plan: SweepPlan, prior_trials: PriorTrials, past: Sequence[Trial]) -> Conclusion | None:
    """The first rule of ``until`` that ends a study; None if it continues.

    It depends on these trials alone, so a study that asks between batches ends after the same one
    for any number of workers.

    Args:
        plan: of the study.
        prior_trials: trials that it took from other studies.
        past: trials that have ended, by number; those that are forgotten or were not trained do not
            count.
    """
    until, goal = plan.sweep.until, plan.sweep.goal
    if until is None:
        return None
    past = [trial for trial in past if trial.ended]
    trained = [trial for trial in past if not trial.skipped]
    return (
        _target(until, goal, trained)
        or _impatience(until, goal, trained)
        or _perfection(until, plan, prior_trials, past)
    )


def _target(until: Until, goal: Objective, past: Sequence[Trial]) -> Conclusion | None:
    if until.score is None:
        return None
    for trial in past:
        value = _value(trial, goal)
        if value is not None and value <= goal.sign * until.score:
            what = f"trial {trial.number} has reached {goal.score} {show(until.score)}"
            return Conclusion("until.score", what)
    return None


def _impatience(until: Until, goal: Objective, past: Sequence[Trial]) -> Conclusion | None:
    if until.patience is None:
        return None
    best: tuple[float, int] | None = None
    since = 0
    for trial in past:
        value = _value(trial, goal)
        since += 1
        if value is not None and (best is None or value < best[0]):
            best, since = (value, trial.number), 0
    if since < until.patience:
        return None
    what = "no trial was completed"
    if best is not None:
        what = f"trial {best[1]} is the best, and {count(since, 'trial')} after it were not better"
    return Conclusion("until.patience", what)


def _perfection(
    until: Until, plan: SweepPlan, prior_trials: PriorTrials, past: Sequence[Trial]
) -> Conclusion | None:
    if until.regret is None or not past:
        return None
    known = [*(each.point for each in prior_trials.known), *points(past, plan.sweep.goals)]
    values = [None if point is None else point[0] for point in known]
    observed = observations(prior_trials, past, values)
    bound = plan.sampler.regret(plan.space, observed, plan.sweep.seed)
    if bound is None or bound >= until.regret:
        return None
    what = f"the best trial is probably at most {show(until.regret)} worse than the best possible"
    return Conclusion("until.regret", what)


def _value(trial: Trial, goal: Objective) -> float | None:
    """The objective of a completed trial, lower is better; None for other trials."""
    if trial.status != "completed" or trial.estimate is None:
        return None
    return goal.sign * trial.estimate.mean
