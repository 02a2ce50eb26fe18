"""The values that stopped trials are expected to reach at the end."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import replace

from dlrun.study.store.rungs import reached_value
from dlrun.study.store.state import State
from dlrun.study.store.trial import Trial
from dlrun.study.sweep.objective import Objective


def expecting(
    state: State, found: Sequence[Trial], goals: Sequence[Objective], repeats: int
) -> list[Trial]:
    """The same trials, with the values that stopped ones are expected to reach.

    A score after 3 epochs cannot be compared with one after 81.  So a trial that was stopped at a
    rung is expected to change from there by the median change of the trials that continued from the
    same rung, and to end no better than the best of them, because it was stopped for being worse.
    If no other trial has a value at its rung, as with ``median``, it keeps its score, but is
    expected to end no better than the best completed trial.

    Args:
        state: of the study.
        found: its trials.
        goals: the objectives.
        repeats: runs of each trial.
    """
    rungs: dict[int, list[Trial]] = {}
    furthest = _furthest(state)
    for trial in found:
        if trial.expected and trial.status in ("pruned", "unfinished"):
            rungs.setdefault(furthest[trial.number], []).append(trial)
    halted = {trial.number for here in rungs.values() for trial in here}
    done = {each.number: each for each in found if each.expected and each.number not in halted}
    # From the end backwards: the expected values of trials that got further are needed.
    for rung in sorted(rungs, key=lambda epochs: (epochs != 0, -epochs)):
        changes = [
            _change(state, done.values(), place, goal, rung, repeats)
            for place, goal in enumerate(goals)
        ]
        for trial in rungs[rung]:
            expected = tuple(
                goal.sign * max(goal.sign * score + change, best)
                for goal, score, (change, best) in zip(goals, trial.expected, changes, strict=True)
            )
            done[trial.number] = replace(trial, expected=expected)
    return [done.get(each.number, each) for each in found]


def _furthest(state: State) -> dict[int, int]:
    """The last rung of each trial that has an outcome; 0 for the end."""
    found: dict[int, int] = {}
    for job in state.outcomes:
        before = found.get(job.trial, job.epochs)
        found[job.trial] = 0 if 0 in (before, job.epochs) else max(before, job.epochs)
    return found


def _change(
    state: State, others: Iterable[Trial], place: int, goal: Objective, rung: int, repeats: int
) -> tuple[float, float]:
    """The median change of scores after a rung, and the best score at the end."""
    ends = {each.number: goal.sign * each.expected[place] for each in others}
    changes = [0.0] * len(ends)
    if rung:
        here = {number: reached_value(state, number, rung, goal, repeats) for number in ends}
        ends = {number: end for number, end in ends.items() if here[number] is not None}
        changes = [
            end - value for number, end in ends.items() if (value := here[number]) is not None
        ]
    if not ends:
        return 0.0, -math.inf
    return statistics.median(changes), min(ends.values())
