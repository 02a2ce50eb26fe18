"""The scores and values of trials at a rung."""

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


def reached_value(
    state: State, trial: int, rung: int, goal: Objective, repeats: int
) -> float | None:
    """The value of a trial at a rung, lower is better; None if it has not reached the rung."""
    scores = first_scores(state, trial, goal, repeats, rung)
    return None if scores is None else goal.sign * (math.fsum(scores) / repeats)


def first_scores(
    state: State, trial: int, goal: Objective, seeds: int, rung: int = 0
) -> list[float] | None:
    """The scores of the first runs of a trial, one per seed; None if one is missing.

    Args:
        state: of the study.
        trial: its number.
        goal: the objective.
        seeds: number of runs.
        rung: number of epochs after which they are scored; 0 for all epochs.
    """
    runs = [state.outcomes.get(Job(trial, repeat, rung)) for repeat in range(seeds)]
    known = [
        value for run in runs if run is not None and (value := goal.of(run.scores)) is not None
    ]
    return known if len(known) == seeds else None
