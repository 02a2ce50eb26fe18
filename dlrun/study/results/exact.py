"""Objectives that are known without an error."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.study.store.trial import Trial
from dlrun.study.sweep.cost import COSTS, TRAINING
from dlrun.study.sweep.objective import Objective


def is_exact(goal: Objective, completed: Sequence[Trial]) -> bool:
    """Whether an objective is a cost that does not vary with the seed, as far as is known.

    Args:
        goal: the only objective.
        completed: the trials that have a value of it.
    """
    if goal.score not in COSTS:
        return False
    if all(len(trial.values) < 2 for trial in completed):
        return goal.score != TRAINING  # whose epochs may depend on the seed
    return all(len(set(trial.values)) < 2 for trial in completed)
