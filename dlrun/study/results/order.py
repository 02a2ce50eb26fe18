"""The order of the trials in a leaderboard."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from dlrun.study.store.trial import Trial
from dlrun.study.sweep.objective import Objective

_ROUNDING = 1e-12
"""Relative to the values of which two means are made, a difference that is due to rounding."""
_ORDER = (
    "completed",
    "eliminated",
    "pruned",
    "infeasible",
    "unfinished",
    "failed",
    "forgotten",
)
ORDER = {status: place for place, status in enumerate(_ORDER)}
"""The place of each status, the best one first."""


def ordered_trials(
    found: Sequence[Trial], front: Mapping[int, int], goal: Objective
) -> list[Trial]:
    """The trials, the best one first.

    Args:
        found: by number.
        front: with several objectives, the number of each completed trial's front.
        goal: the first of the objectives.
    """

    def place(trial: Trial) -> tuple[int, int, float, int]:
        mean = math.inf if trial.estimate is None else goal.sign * trial.estimate.mean
        # Of two pruned trials, the one that got further was better.
        epochs = trial.epochs if trial.status == "pruned" else 0
        return (ORDER[trial.status], front.get(trial.number, -epochs), mean, trial.number)

    return sorted(found, key=place)


def equal_means(one: Trial, other: Trial) -> bool:
    """Whether two trials have the same mean, up to rounding."""
    a, b = one.estimate, other.estimate
    if a is None or b is None:
        return False
    largest = max(map(abs, (*one.values, *other.values)))  # the mean can be near 0
    return math.isclose(a.mean, b.mean, rel_tol=_ROUNDING, abs_tol=_ROUNDING * largest)
