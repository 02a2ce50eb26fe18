"""The trials of a study: what its runs come to."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from dlrun.intervals import Estimate, estimate
from dlrun.search.suggestion import Completed, Suggestion
from dlrun.study.store.job import Job, Outcome
from dlrun.study.store.state import State
from dlrun.study.sweep.objective import Objective

TrialStatus = Literal["completed", "eliminated", "pruned", "failed", "unfinished"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial and what became of it.

    Attributes:
        number: from 0.
        suggestion: its values.
        status: ``failed`` where any of its runs failed; ``eliminated`` where it is not repeated any
            more, as it cannot win.
        runs: that count: those of the most epochs that every repeat has reached.
        scores: a row an objective, of the score by repeat as the run gives it; empty where there
            are none.
        reason: why it failed.
        estimates: the mean of each objective over the repeats, with its interval; empty where there
            are no scores.
        expected: what each objective is expected to come to at the end of the training, which of
            a trial that came there is its mean; empty where there are no scores.
    """

    number: int
    suggestion: Suggestion
    status: TrialStatus
    runs: tuple[Outcome, ...]
    scores: tuple[tuple[float, ...], ...]
    reason: str
    estimates: tuple[Estimate, ...] = ()
    expected: tuple[float, ...] = ()

    @property
    def values(self) -> tuple[float, ...]:
        """Those of the first objective."""
        return self.scores[0] if self.scores else ()

    @property
    def estimate(self) -> Estimate | None:
        """The mean of the first objective over the repeats; None where there are no values."""
        return self.estimates[0] if self.estimates else None

    @property
    def epochs(self) -> int:
        """Epochs of its longest run."""
        return max((run.epochs for run in self.runs), default=0)


def trials(
    state: State, goals: Sequence[Objective], repeats: int, limit: int | None
) -> list[Trial]:
    """All trials that the study wants, by number.

    Args:
        state: of the study.
        goals: which scores count.
        repeats: of each trial.
        limit: how many trials there are to be; None is as many as there are.
    """
    by_trial: dict[int, dict[int, dict[int, Outcome]]] = {}
    for job, outcome in state.outcomes.items():
        by_trial.setdefault(job.trial, {}).setdefault(job.epochs, {})[job.repeat] = outcome
    found = []
    for number, suggestion in state.trials():
        if limit is not None and number >= limit:
            break
        rungs = by_trial.get(number, {})
        found.append(_trial(number, suggestion, rungs, state, goals, repeats))
    return expecting(state, found, goals, repeats)


def _trial(
    number: int,
    suggestion: Suggestion,
    rungs: dict[int, dict[int, Outcome]],
    state: State,
    goals: Sequence[Objective],
    repeats: int,
) -> Trial:
    for epochs in sorted(rungs):
        for _, outcome in sorted(rungs[epochs].items()):
            if outcome.status == "failed":
                return Trial(number, suggestion, "failed", (outcome,), (), outcome.reason)
    # A run that is ended where it stands ends its trial, whatever became of the other repeats.
    pruned, eliminated = number in state.pruned, number in state.eliminated
    fewest = 1 if pruned and 0 in rungs else state.eliminated.get(number, repeats)
    whole = [epochs for epochs in rungs if len(rungs[epochs]) >= fewest]
    # 0 is the end, behind all rungs.
    furthest = min(whole, key=lambda epochs: (epochs != 0, -epochs), default=None)
    if furthest is None:
        return Trial(number, suggestion, "unfinished", (), (), "")
    runs = tuple(outcome for _, outcome in sorted(rungs[furthest].items()))
    scores = tuple(
        tuple(value for run in runs if (value := goal.of(run.scores)) is not None) for goal in goals
    )
    status: TrialStatus = "completed" if furthest == 0 else "unfinished"
    if pruned or eliminated:
        status = "pruned" if pruned else "eliminated"
    estimates = tuple(
        estimate(row, of=state.scale(goal.score))
        for goal, row in zip(goals, scores, strict=True)
        if row
    )
    expected = tuple(each.mean for each in estimates)
    return Trial(number, suggestion, status, runs, scores, "", estimates, expected)


def history(found: Iterable[Trial], values: Iterable[float | None]) -> list[Completed]:
    """Trials as a sampler sees them.

    Args:
        found: trials.
        values: of each, less is better; None where it failed.
    """
    return [
        Completed(trial.number, trial.suggestion, value)
        for trial, value in zip(found, values, strict=True)
    ]


def points(found: Iterable[Trial], goals: Sequence[Objective]) -> list[list[float] | None]:
    """A value an objective of each trial, less is better; None where it has none.

    Of a trial that was pruned it is what it is expected to have come to.
    """
    return [
        [goal.sign * each for goal, each in zip(goals, trial.expected, strict=True)]
        if trial.expected
        else None
        for trial in found
    ]


def value_at(state: State, trial: int, epochs: int, objective: Objective, repeats: int) -> float:
    """The value of a trial at a rung, less is better.

    Raises:
        KeyError: it has not come that far.
    """
    scores = [state.outcomes[Job(trial, repeat, epochs)].scores for repeat in range(repeats)]
    values = [value for each in scores if (value := objective.of(each)) is not None]
    if len(values) < repeats:
        raise KeyError(trial)
    return objective.sign * estimate(values).mean


def expecting(
    state: State, found: Sequence[Trial], goals: Sequence[Objective], repeats: int
) -> list[Trial]:
    """The same trials, with what those that were halted are expected to come to.

    A score after 3 epochs is not one after 81.  So a trial that was halted at a rung is taken to
    change from there as those did that went on from the same rung, in the median, and to come out
    no better than the best of them, as it was halted for being worse.  Where nothing is known of
    others at its rung, as with ``median``, it keeps its score, but is no better than the best
    trial that came to its end.

    Args:
        state: of the study.
        found: its trials.
        goals: which scores count.
        repeats: of each trial.
    """
    rungs: dict[int, list[Trial]] = {}
    furthest = _furthest(state)
    for trial in found:
        if trial.expected and trial.status in ("pruned", "unfinished"):
            rungs.setdefault(furthest[trial.number], []).append(trial)
    halted = {trial.number for here in rungs.values() for trial in here}
    done = {each.number: each for each in found if each.expected and each.number not in halted}
    # From the end on: what those are expected to come to that went further has to be known.
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
    """The last rung of each trial that has an outcome, of which 0 is the end."""
    found: dict[int, int] = {}
    for job in state.outcomes:
        before = found.get(job.trial, job.epochs)
        found[job.trial] = 0 if 0 in (before, job.epochs) else max(before, job.epochs)
    return found


def _change(
    state: State, others: Iterable[Trial], place: int, goal: Objective, rung: int, repeats: int
) -> tuple[float, float]:
    """What scores change by beyond a rung, in the median, and the best one at the end."""
    ends = {each.number: goal.sign * each.expected[place] for each in others}
    changes = [0.0] * len(ends)
    if rung:
        here = {number: _value(state, number, rung, goal, repeats) for number in ends}
        ends = {number: end for number, end in ends.items() if here[number] is not None}
        changes = [
            end - value for number, end in ends.items() if (value := here[number]) is not None
        ]
    if not ends:
        return 0.0, -math.inf
    return statistics.median(changes), min(ends.values())


def _value(state: State, trial: int, rung: int, goal: Objective, repeats: int) -> float | None:
    try:
        return value_at(state, trial, rung, goal, repeats)
    except KeyError:
        return None
