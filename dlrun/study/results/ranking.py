"""The leaderboard: trials in order, made from the journal alone.

It holds no times and no names of directories, so the same study gives the same bytes however many
workers ran it, and however often it was interrupted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from dlrun.intervals import Estimate, estimate, worse
from dlrun.study.results.edges import edges
from dlrun.study.results.pareto import fronts
from dlrun.study.store.prior_trials import Earlier
from dlrun.study.store.state import State
from dlrun.study.store.trials import Trial, points, trials
from dlrun.study.sweep.claim import Scored, Verdict, judge
from dlrun.study.sweep.compile import Design
from dlrun.study.sweep.objective import Objective

_ERROR = 0.025
"""The probability that a trial as good as the best is not marked as a tie."""
ORDER = {"completed": 0, "eliminated": 1, "pruned": 2, "unfinished": 3, "failed": 4}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the leaderboard.

    Attributes:
        rank: from 1; trials of the same score share it; None for those that are not completed.  Of
            several objectives it is the trial's front, of which 1 is the Pareto front.
        trial: the trial.
        tie: whether it cannot be told from the first by the differences to it, paired by seed; see
            ``statistics.worse``.  False for the first itself, and with a single seed.
        scores: means over its runs of the scores that may choose: none of the test part.
    """

    rank: int | None
    trial: Trial
    tie: bool
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """All rows, the best first.

    Attributes:
        goals: which scores order them.
        repeats: runs of each trial.
        keys: of the space.
        rows: of all trials.
        winner: the first, if it is completed; None where there are several objectives.
        test: scores of the winner's runs on the test part.
        verdicts: on the claims; none before all trials have ended.
        earlier: what the study took from others.
        edges: keys of which the winner has a value at an end of what was searched.
    """

    goals: Sequence[Objective]
    repeats: int
    keys: Sequence[str]
    rows: Sequence[Row]
    winner: Row | None
    test: Mapping[str, Estimate]
    verdicts: Sequence[Verdict]
    earlier: Earlier
    edges: Sequence[str]

    @property
    def goal(self) -> Objective:
        """The first of the objectives."""
        return self.goals[0]

    @property
    def front(self) -> Sequence[Row]:
        """The Pareto front of several objectives; empty where there is one."""
        return [row for row in self.rows if row.rank == 1] if len(self.goals) > 1 else []

    @property
    def fruitless(self) -> bool:
        """Whether all trials have ended, and none of them at the end of its training."""
        ended = {row.trial.status for row in self.rows}
        return bool(ended) and not ended & {"completed", "unfinished"}

    @property
    def failed(self) -> int:
        """Trials that failed."""
        return sum(row.trial.status == "failed" for row in self.rows)


def leaderboard(design: Design, state: State) -> Leaderboard:
    """The leaderboard of a study."""
    sweep = design.sweep
    goals, goal = sweep.goals, sweep.goal
    found = trials(state, goals, sweep.repeats, design.trials)
    completed = [trial for trial in found if trial.status == "completed"]
    front: dict[int, int] = {}
    if len(goals) > 1:
        known = zip(completed, points(completed, goals), strict=True)
        front = fronts({trial.number: point for trial, point in known if point is not None})

    def place(trial: Trial) -> tuple[int, int, float, int]:
        mean = math.inf if trial.estimate is None else goal.sign * trial.estimate.mean
        # A pruned trial that came further was the better one.
        epochs = trial.epochs if trial.status == "pruned" else 0
        return (ORDER[trial.status], front.get(trial.number, -epochs), mean, trial.number)

    ordered = sorted(found, key=place)
    best = ordered[0] if completed and not front else None
    surely_worse = _worse(best, completed, goal.sign, state.scale(goal.score).step)
    rows: list[Row] = []
    for position, trial in enumerate(ordered, start=1):
        rank = front.get(trial.number)
        if trial.status == "completed" and not front and trial.estimate is not None:
            before = rows[-1] if rows else None
            same = before is not None and _equal(before.trial, trial)
            rank = before.rank if before is not None and same else position
        tie = trial is not best and trial.status == "completed" and surely_worse is not None
        tie = tie and surely_worse is not None and trial.number not in surely_worse
        rows.append(Row(rank, trial, tie, _means(trial)))
    winner = rows[0] if best is not None else None
    whole = all(row.trial.status != "unfinished" for row in rows)
    scored = [Scored(each.suggestion, each.values) for each in found if each.status == "completed"]
    return Leaderboard(
        goals,
        sweep.repeats,
        design.space.keys,
        rows,
        winner,
        {} if winner is None or not whole else _test(winner.trial, state),
        judge(design.claims, scored, goal.sign, state.scale(goal.score).step) if whole else [],
        state.earlier,
        edges(design.space, winner.trial.suggestion, [each.suggestion for each in found])
        if winner is not None and whole
        else [],
    )


def _worse(
    best: Trial | None, completed: Sequence[Trial], sign: float, step: float
) -> Set[int] | None:
    """The trials that are told from the best; None where nothing can be, with a single seed."""
    if best is None or len(best.values) < 2:
        return None
    field = {each.number: [sign * value for value in each.values] for each in completed}
    return worse(field, best.number, _ERROR, step)


def _equal(one: Trial, other: Trial) -> bool:
    """Whether two trials have the same mean, but for rounding."""
    a, b = one.estimate, other.estimate
    return a is not None and b is not None and math.isclose(a.mean, b.mean, rel_tol=1e-12)


def _means(trial: Trial) -> dict[str, float]:
    names = [name for name in (trial.runs[0].scores if trial.runs else ()) if "test." not in name]
    found = {}
    for name in names:
        values = [run.scores[name] for run in trial.runs]
        if trial.status != "failed" and all(value is not None for value in values):
            found[name] = math.fsum(value for value in values if value is not None) / len(values)
    return found


def _test(trial: Trial, state: State) -> dict[str, Estimate]:
    names = [name for name in trial.runs[0].scores if name.startswith("test.")]
    found = {}
    for name in names:
        values = [value for run in trial.runs if (value := run.scores[name]) is not None]
        if values:
            found[name] = estimate(values, of=state.scale(name))
    return found
