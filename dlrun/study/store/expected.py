"""The values that stopped trials are expected to reach at the end."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from dlrun.study.store.rungs import reached_value
from dlrun.study.store.state import State
from dlrun.study.store.trial import Trial
from dlrun.study.sweep.cost import COSTS
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

    A cost is computed, so it is known also for the end: it grows by the same factor as the cost of
    the trials that continued. Of all costs only ``cost.training`` grows at all.

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
            _change(goal, _ends(state, done.values(), place, goal, rung, repeats))
            for place, goal in enumerate(goals)
        ]
        for trial in rungs[rung]:
            expected = tuple(
                score if change is None else change(score)
                for score, change in zip(trial.expected, changes, strict=True)
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


def _ends(
    state: State, others: Iterable[Trial], place: int, goal: Objective, rung: int, repeats: int
) -> list[tuple[float, float]]:
    """The values of other trials at a rung and at the end; lower is better."""
    ends = {each.number: goal.sign * each.expected[place] for each in others}
    if not rung:
        return [(end, end) for end in ends.values()]
    here = {number: reached_value(state, number, rung, goal, repeats) for number in ends}
    return [(value, ends[number]) for number, value in here.items() if value is not None]


def _change(
    goal: Objective, ends: Sequence[tuple[float, float]]
) -> Callable[[float], float] | None:
    """From a score at a rung to that at the end, given the values of others; None without others.

    It is made once for all trials of a rung, as it needs the median over all others.
    """
    if not ends:
        return None
    if goal.score in COSTS:
        factor = statistics.median(end / here if here else 1.0 for here, end in ends)
        return lambda score: score * factor
    change = statistics.median(end - here for here, end in ends)
    best = min(end for _, end in ends)
    return lambda score: goal.sign * max(goal.sign * score + change, best)
