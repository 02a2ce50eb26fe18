"""The result of a trial, from those of its runs."""

from __future__ import annotations

from typing import Any

import pytest

from dlrun.study.store.state import State
from dlrun.study.store.trial import Trial
from dlrun.study.store.trials import trials
from dlrun.study.sweep.objective import Objective

LOSS = Objective(minimize="validation.loss")
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
