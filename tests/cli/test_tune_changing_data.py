"""Data that changes while a study is trained."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sweeps import SPEC, write_sweep

Dlrun = Callable[..., subprocess.CompletedProcess[str]]

FILES = ("leaderboard.csv", "leaderboard.json", "best.yaml")
SPACE = {"optimizer.adam.lr": [0.001 * number for number in range(1, 19)]}
"""Enough trials for the data to change before the last of them."""


def write_data(folder: Path, rows: int = 200) -> None:
    x = np.random.default_rng(0).normal(size=(rows, 2))
    lines = [f"{a},{b},{'yes' if a > b else 'no'}" for a, b in x]
    (folder / "d.csv").write_text("\n".join(["a,b,label", *lines]))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_no_trial_is_trained_on_other_data(
    dlrun: Dlrun, started: Callable[..., Any], tmp_path: Path, jobs: str
) -> None:
    data = {**SPEC["data"], "source": {"csv": {"path": "d.csv", "target": "label"}}}
    sweep = write_sweep(
        tmp_path, spec={**SPEC, "data": data, "epochs": 40}, search="grid", space=SPACE
    )
    write_data(tmp_path)
    assert dlrun("tune", sweep, "--studies", "whole", "-q").returncode == 0
    process = started("tune", sweep, "--jobs", jobs, "--plain")
    for line in process.stdout:
        if line.startswith("trial "):
            break
    write_data(tmp_path, 150)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "the values of the data have changed since the study began; restore them" in errors
    again = dlrun("tune", sweep, "--plain")
    assert again.returncode == 2
    assert "the data has changed since the study began" in again.stderr
    write_data(tmp_path)
    assert dlrun("tune", sweep, "-q").returncode == 0
    for name in FILES:
        found = [(tmp_path / root / "search" / name).read_bytes() for root in ("whole", "studies")]
        assert found[0] == found[1]


def test_generated_data_may_depend_on_the_seed(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, repeats=3, search={"random": {"trials": 2}})
    assert dlrun("tune", sweep, "-q").returncode == 0
    runs = (tmp_path / "studies/search/trials").glob("*/environment.json")
    assert len({json.loads(each.read_text())["data"] for each in runs}) == 3
