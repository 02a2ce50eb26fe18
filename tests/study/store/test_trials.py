"""The result of a trial, from those of its runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from studies import end, study, write

from dlrun.api.study import Study
from dlrun.study.schedulers.synchronous import Rounds
from dlrun.study.store.state import State
from dlrun.study.store.trial import Trial
from dlrun.study.store.trials import trials
from dlrun.study.sweep.objective import Objective

LOSS = Objective(minimize="validation.loss")
RANDOM = {"search": {"random": {"trials": 4}}}
STOPPED = {"kind": "pruned", "number": None}
WHOLE = {"kind": "epochs", "number": 9}
PATIENCE = {"kind": "patience", "number": 2}


def trial(runs: list[tuple[float, int, Any]], *, pruned: bool = True) -> Trial:
    """A trial of the pruner ``median`` with runs of such loss, length and end."""
    state = State()
    state.apply({"event": "batch", "batch": 0, "suggestions": [{"a": 1}]})
    for repeat, (loss, epochs, ended_by) in enumerate(runs):
        outcome = {
            "status": "completed",
            "reason": "",
            "scores": {LOSS.score: loss},
            "epochs": epochs,
            "cost": 0.0,
            "seconds": 0.0,
            "directory": "",
            "ended_by": ended_by,
        }
        job = {"trial": 0, "repeat": repeat, "epochs": 0}
        state.apply({"event": "ended", **job, "outcome": outcome})
    if pruned:
        state.apply({"event": "pruned", "trials": [0], "epochs": 3})
    (found,) = trials(state, [LOSS], len(runs), None)
    return found


@pytest.mark.parametrize(
    ("runs", "values", "epochs"),
    [
        ([(0.2, 9, WHOLE), (0.8, 3, STOPPED)], (0.8,), 3),
        ([(0.8, 3, STOPPED), (0.6, 5, STOPPED)], (0.8,), 3),
        ([(0.8, 3, STOPPED), (0.6, 3, STOPPED)], (0.8, 0.6), 3),
        ([(0.1, 2, PATIENCE), (0.8, 3, STOPPED)], (0.8,), 3),
        ([(0.2, 9, None), (0.8, 3, None)], (0.8,), 3),  # of a version that recorded no ending
    ],
)
def test_runs_of_other_lengths_are_not_averaged(
    runs: list[tuple[float, int, Any]], values: tuple[float, ...], epochs: int
) -> None:
    found = trial(runs)
    assert (found.status, found.values, found.epochs) == ("pruned", values, epochs)
    assert found.estimate is not None
    assert found.estimate.mean == pytest.approx(sum(values) / len(values))


def test_whole_trainings_of_other_lengths_are_averaged() -> None:
    found = trial([(0.1, 2, PATIENCE), (0.3, 9, WHOLE)], pruned=False)
    assert (found.status, found.values) == ("completed", (0.1, 0.3))


@pytest.mark.parametrize("left_out", ["forgotten", "infeasible"])
def test_what_does_not_count_is_on_no_front(tmp_path: Path, left_out: str) -> None:
    """The study is as if the trial that dominates all others had failed."""
    goals = [{"minimize": LOSS.score}, {"maximize": "validation.accuracy"}]
    keys: dict[str, Any] = {**RANDOM, "objectives": goals, "repeats": 2}
    boards = []
    for name in ("failed", left_out):
        limits = [f"{LOSS.score} > 0.1"] if name == "infeasible" else []
        (tmp_path / name).mkdir()
        with study(tmp_path / name, limits=limits, **keys) as ledger:
            scheduler = Rounds(ledger, None)
            while (job := scheduler.next(())) is not None:
                loss = 0.1 * job.trial + 1e-3 * job.repeat * (1 + job.trial)
                scores = {LOSS.score: loss, "validation.accuracy": 0.9 - loss**2}
                end(ledger, job, {} if name == "failed" and job.trial == 0 else scores)
            write(ledger)
        shown = Study(tmp_path / name / "studies/search")
        if name == "forgotten":
            shown.forget(0)
        assert shown.trials[0].status == name
        boards.append(shown.leaderboard)
    failed, board = boards
    assert (
        [row.trial.number for row in board.front]
        == [1]
        == [row.trial.number for row in failed.front]
    )
    assert board.volume is not None and board.volume == failed.volume
    assert [row.uncertain for row in board.front] == [row.uncertain for row in failed.front]


@pytest.mark.parametrize("left_out", ["forgotten", "infeasible"])
def test_what_does_not_count_is_no_tie_and_makes_no_score_optimistic(
    tmp_path: Path, left_out: str
) -> None:
    boards = []
    for name in ("failed", left_out):
        limits = [f"{LOSS.score} > 0.15"] if name == "infeasible" else []
        (tmp_path / name).mkdir()
        with study(tmp_path / name, limits=limits, repeats=3, **RANDOM) as ledger:
            scheduler = Rounds(ledger, None)
            while (job := scheduler.next(())) is not None:
                loss = 0.1 + 0.1 * job.trial + 0.01 * ((7 * job.trial + 3 * job.repeat) % 5)
                end(ledger, job, {} if name == "failed" and job.trial == 0 else {LOSS.score: loss})
            write(ledger)
        shown = Study(tmp_path / name / "studies/search")
        if name == "forgotten":
            shown.forget(0)
        boards.append(shown)
    failed, found = boards
    assert found.best is not None and failed.best is not None
    assert found.best.trial == failed.best.trial == 1
    assert found.leaderboard.optimism == failed.leaderboard.optimism is not None
    assert [each.tie for each in found.leaderboard.rows[:3]] == [
        each.tie for each in failed.leaderboard.rows[:3]
    ]
    assert found.seeds_needed() == failed.seeds_needed()
    assert found.importance() == failed.importance()
