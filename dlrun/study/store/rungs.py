"""The values of trials at a rung."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from dlrun.study.store.job import Job
from dlrun.study.store.state import State
from dlrun.study.sweep.objective import Objective


def points_at(
    state: State, numbers: Iterable[int], epochs: int, goals: Sequence[Objective], repeats: int
) -> dict[int, list[float]]:
    """One value per objective at a rung of those trials that have reached it; lower is better."""
    found = {}
    for number in numbers:
        point = [reached_value(state, number, epochs, goal, repeats) for goal in goals]
        known = [value for value in point if value is not None]
        if len(known) == len(goals):
            found[number] = known
    return found


def value_at(state: State, trial: int, epochs: int, objective: Objective, repeats: int) -> float:
    """The value of a trial at a rung; lower is better.

    Raises:
        KeyError: the trial has not reached the rung.
    """
    scores = [state.outcomes[Job(trial, repeat, epochs)].scores for repeat in range(repeats)]
    values = [value for each in scores if (value := objective.of(each)) is not None]
    if len(values) < repeats:
        raise KeyError(trial)
    return objective.sign * (math.fsum(values) / repeats)


def reached_value(
    state: State, trial: int, rung: int, goal: Objective, repeats: int
) -> float | None:
    """The value of a trial at a rung, lower is better; None if it has not reached the rung."""
    try:
        return value_at(state, trial, rung, goal, repeats)
    except KeyError:
        return None
