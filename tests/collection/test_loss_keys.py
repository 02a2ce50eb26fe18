"""Which losses have the same unit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from run_folders import write_run

from dlrun.collection.loss_keys import decides_unit, different_units, is_loss
from dlrun.collection.read_run import read_run


def test_scores_that_are_losses() -> None:
    assert [is_loss(f"{part}.loss") for part in ("train", "validation", "test")] == [True] * 3
    assert not is_loss("validation.log_loss") and not is_loss("validation.accuracy")


def test_keys_that_decide_the_unit() -> None:
    keys = ("loss", "loss.focal.gamma", "data.target_scaling", "data.target", "lossy")
    assert [decides_unit(key) for key in keys] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("one", "other", "keys"),
    [
        ({"loss": "mse"}, {"loss": "mae"}, ["loss"]),
        ({"loss": {"focal": {"gamma": 1.0}}}, {"loss": {"focal": {"gamma": 2.0}}}, ["loss"]),
        ({"loss": {"focal": {"gamma": 2}}}, {"loss": {"focal": {"gamma": 2.0}}}, []),
        ({"loss": {"huber": {"x": 1, "y": None}}}, {"loss": {"huber": {"x": 1}}}, []),
        ({"data": {"target_scaling": "log"}}, {}, ["data.target_scaling"]),
        ({"data": {"target_scaling": None}}, {"epochs": 9}, []),
    ],
)
def test_runs(tmp_path: Path, one: dict[str, Any], other: dict[str, Any], keys: list[str]) -> None:
    specs = {"one": one, "other": other}
    runs = [read_run(str(write_run(tmp_path / name, **spec))) for name, spec in specs.items()]
    assert different_units(runs) == keys
