"""Searches for several objectives, and what they leave."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sweeps import write_sweep

from dlrun.search.pareto import dominates

Dlrun = Callable[..., subprocess.CompletedProcess[str]]

GOALS = [{"maximize": "validation.accuracy"}, {"minimize": "cost.parameters"}]
FILES = ("leaderboard.csv", "leaderboard.md", "leaderboard.json")


def means(trial: dict[str, Any]) -> tuple[float, float]:
    value = trial["value"]
    return -value["validation.accuracy"]["mean"], value["cost.parameters"]["mean"]


@pytest.mark.slow
def test_a_front_and_a_spec_for_each_of_its_trials(dlrun: Dlrun, tmp_path: Path) -> None:
    space = {
        "optimizer.adam.lr": {"log_uniform": [1e-4, 1e-1]},
        "params.units": {"integer": [2, 16]},
    }
    search = {"bayes": {"trials": 12, "batch": 3, "start": 4}}
    keys = {"objectives": GOALS, "search": search, "space": space}
    sweep = write_sweep(tmp_path, **keys)
    found = []
    for jobs in ("1", "2"):
        result = dlrun("tune", sweep, "--jobs", jobs, "--studies", jobs, "--plain")
        assert (result.returncode, result.stderr) == (0, "")
        study = tmp_path / jobs / "search"
        specs = {path.name: path.read_text() for path in (study / "front").iterdir()}
        found.append(({name: (study / name).read_text() for name in FILES}, specs))
    assert found[0] == found[1]
    assert "maximize validation.accuracy, minimize cost.parameters" in result.stdout
    board = json.loads((study / "leaderboard.json").read_text())
    assert board["objectives"] == GOALS
    assert board["winner"] is None and board["test"] == {}
    front = [each for each in board["trials"] if each["rank"] == 1]
    assert len(front) < 12
    for each in board["trials"]:
        beaten = any(dominates(means(other), means(each)) for other in board["trials"])
        assert beaten == (each["rank"] > 1)
        units = each["suggestion"]["params.units"]
        # Two inputs, ReLU units, three classes, and biases.
        assert each["value"]["cost.parameters"]["mean"] == units * (2 + 1) + 3 * (units + 1)
    assert sorted(specs) == sorted(f"{each['trial']:04}.yaml" for each in front)
    assert not (study / "best.yaml").exists()
    shown = dlrun("study", study)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "importance for cost.parameters" in shown.stdout
    assert "Pareto front: " in shown.stdout
    assert (study / "plots" / "front.png").exists()
    best = study / "front" / sorted(specs)[0]
    assert dlrun("train", best, "-q").returncode == 0


def test_costs_and_a_score_from_a_shell(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, objectives=GOALS)
    asked = json.loads(dlrun("suggest", sweep, "--json").stdout)
    result = dlrun("report-result", "studies/search", asked["run"], "0.5")
    assert (result.returncode, result.stderr) == (0, "")
    board = json.loads(dlrun("study", "studies/search", "--json").stdout)
    units = asked["settings"]["params.units"]
    assert means(board["trials"][0]) == (-0.5, units * 3 + 3 * (units + 1))
