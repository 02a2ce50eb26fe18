"""A budget in epochs is compared with those that trials have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from simulated import scored, simulate
from sweeps import SPEC, write_sweep

from dlrun.api.study import Study
from dlrun.errors import SpecError
from dlrun.study.results.remarks import remarks
from dlrun.study.sweep.compile import read_plan

BY_PARAM = {**SPEC, "params": {"units": 8, "e": 100}, "epochs": "${e}"}
BY_CHAIN = {**SPEC, "params": {"units": 8, "e": "${f}", "f": 100}, "epochs": "${e}"}
ADAM = {"choice": [50, 100], "when": {"optimizer": "adam"}}
UNITS = {"params.units": [4, 8]}


@pytest.mark.parametrize(
    ("spec", "space", "said"),
    [
        (SPEC, {"epochs": [100, 50], **UNITS}, "each trial needs at least 50 epochs, got 10"),
        (SPEC, {"epochs": {"integer": [11, 50]}}, "each trial needs at least 11 epochs, got 10"),
        (SPEC, {"epochs": [50]}, "the first trial needs 50 epochs, got 10"),
        (BY_PARAM, {"params.e": [30, 20]}, "each trial needs at least 20 epochs, got 10"),
        (BY_PARAM, UNITS, "the first trial needs 100 epochs, got 10"),
        (BY_CHAIN, UNITS, "the first trial needs 100 epochs, got 10"),
    ],
)
def test_a_budget_that_fits_no_trial(
    tmp_path: Path, spec: dict[str, Any], space: dict[str, Any], said: str
) -> None:
    sweep = write_sweep(tmp_path, spec=spec, space=space, budget={"epochs": 10})
    with pytest.raises(SpecError) as error:
        read_plan(sweep)
    (line,) = error.value.faults
    assert line.endswith(f"{said}; raise 'epochs'")


@pytest.mark.parametrize(
    ("spec", "space"),
    [
        (BY_PARAM, {"params.e": [1, 2]}),
        (BY_CHAIN, {"params.f": [1, 2]}),
        (SPEC, {"epochs": [100, 1]}),
        (SPEC, {"optimizer": ["sgd", "adam"], "epochs": ADAM}),
    ],
)
def test_a_budget_that_fits_some_trials(
    tmp_path: Path, spec: dict[str, Any], space: dict[str, Any]
) -> None:
    read_plan(write_sweep(tmp_path, spec=spec, space=space, budget={"epochs": 10}))


def test_a_param_decides_how_many_trials_fit(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"spec": BY_PARAM, "space": {"params.e": [4, 5]}, "search": "grid"}
    found = simulate(tmp_path, scored(0.5), budget={"epochs": 8}, **keys)
    assert found.conclusion is not None and len(found.started) == 1
    assert "4 of 8 epochs used, and trial 1 needs 5 more" in found.conclusion.reason


def test_a_study_whose_first_trial_does_not_fit_has_no_result(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"space": {"epochs": [100, 4]}, "search": "grid"}
    simulate(tmp_path, scored(0.5), budget={"epochs": 10}, **keys)
    board = Study(tmp_path / "studies/search").leaderboard
    assert not board.rows and board.fruitless
    assert "No trial was completed: none was begun." in remarks(board)
