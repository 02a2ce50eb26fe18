"""Searches for several objectives, and what they leave."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC, write_sweep

from dlrun.search.pareto import dominates

Dlrun = Callable[..., subprocess.CompletedProcess[str]]

GOALS = [{"maximize": "validation.accuracy"}, {"minimize": "cost.parameters"}]
FILES = ("leaderboard.csv", "leaderboard.md", "leaderboard.json")


def means(trial: dict[str, Any]) -> tuple[float, float]:
    value = trial["value"]
    return -value["validation.accuracy"]["mean"], value["cost.parameters"]["mean"]


@pytest.mark.usefixtures("pictures")
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


UNITS = "params.units"
REFERENCE = [
    {"minimize": "validation.loss", "reference": 2.0},
    {"minimize": "cost.parameters", "reference": 1000},
]


@pytest.mark.usefixtures("pictures")
@pytest.mark.slow
@pytest.mark.parametrize(
    "keys",
    [
        {"prune": {"halving": {"min_epochs": 1, "factor": 2}}, "repeats": 2},
        {"racing": True, "repeats": 4},
        {"prune": {"asha": {"min_epochs": 1, "factor": 2}}},
    ],
    ids=["halving", "racing", "asha"],
)
def test_trials_end_early_by_their_fronts(
    dlrun: Dlrun, tmp_path: Path, keys: dict[str, Any]
) -> None:
    space = {"optimizer.adam.lr": [1e-6, 0.03], UNITS: [4, 16, 64]}
    sweep = write_sweep(tmp_path, objectives=REFERENCE, search="grid", space=space, **keys)
    found = []
    for jobs in ("1", "2"):
        result = dlrun("tune", sweep, "--jobs", jobs, "--studies", jobs, "--plain")
        assert (result.returncode, result.stderr) == (0, "")
        study = tmp_path / jobs / "search"
        found.append({name: (study / name).read_bytes() for name in FILES})
    if "asha" not in str(keys):
        assert found[0] == found[1]
    board = json.loads((tmp_path / "1/search/leaderboard.json").read_text())
    status = {each["trial"]: each["status"] for each in board["trials"]}
    assert set(status.values()) == {"completed", "eliminated" if "racing" in keys else "pruned"}
    completed = [each for each in board["trials"] if each["status"] == "completed"]
    front = [each for each in completed if each["rank"] == 1]
    assert len(front) >= 1
    volume = board["hypervolume"]
    assert volume["reference"] == {"validation.loss": 2.0, "cost.parameters": 1000}
    assert 0 < volume["share"] <= 1
    assert [trial for trial, _ in volume["by_trial"]] == sorted(each["trial"] for each in completed)
    assert "Hypervolume of the front: " in result.stdout
    shown = dlrun("study", study)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert (study / "plots/hypervolume.png").exists()


def test_a_reference_point_that_no_trial_reaches_is_told(dlrun: Dlrun, tmp_path: Path) -> None:
    goals = [REFERENCE[0], {"minimize": "cost.parameters", "reference": 1}]
    space = {"optimizer.adam.lr": [0.01, 0.03]}
    sweep = write_sweep(tmp_path, objectives=goals, search="grid", space=space)
    result = dlrun("tune", sweep, "--plain")
    assert (result.returncode, result.stderr) == (0, "")
    assert (
        "Hypervolume of the front: 0, since no trial is better than the reference point "
        "(validation.loss 2.0000, cost.parameters 1) in all objectives."
    ) in result.stdout
    goals = [{"minimize": "cost.parameters"}, {"minimize": "validation.loss", "reference": 9.0}]
    sweep = write_sweep(tmp_path, name="b", objectives=goals, search="grid", space=space)
    reached = dlrun("tune", sweep, "--plain")
    assert reached.returncode == 0
    assert "since no trial is better than the reference point" not in reached.stdout
    assert " of the box between the best of each objective" in reached.stdout


def test_a_front_of_one_trial_has_no_box(dlrun: Dlrun, tmp_path: Path) -> None:
    goals = [{"minimize": "cost.parameters"}, {"minimize": "validation.loss"}]
    space = {"optimizer.adam.lr": [0.01, 0.03]}  # both trials cost the same, so one is better
    sweep = write_sweep(tmp_path, objectives=goals, search="grid", space=space)
    result = dlrun("tune", sweep, "--plain")
    assert result.returncode == 0
    assert (
        "The hypervolume of the front says nothing, since all of its trials have the same scores; "
        "set a 'reference' of each objective."
    ) in result.stdout


@pytest.mark.slow
def test_claims_on_two_scores(dlrun: Dlrun, tmp_path: Path) -> None:
    sides = {"better": {UNITS: 16}, "than": {UNITS: 1}}
    claims = [
        {"wider fits better": {**sides, "objective": "validation.loss"}},
        {"wider overfits": {**sides, "objective": "train.loss"}},
    ]
    keys: dict[str, Any] = {"search": "grid", "space": {UNITS: [1, 16]}, "repeats": 3}
    goals = [{"minimize": "validation.loss"}, {"maximize": "train.loss"}]
    sweep = write_sweep(tmp_path, objectives=goals, claims=claims, **keys)
    result = dlrun("tune", sweep, "--plain")
    assert result.returncode == 4
    assert "Claim 'wider fits better' " in result.stdout
    assert "Claim 'wider overfits' does not hold: train.loss worse by " in result.stdout
    board = json.loads((tmp_path / "studies/search/leaderboard.json").read_text())
    assert [each["objective"] for each in board["claims"]] == ["validation.loss", "train.loss"]
    del claims[1]["wider overfits"]["objective"]
    result = dlrun("tune", write_sweep(tmp_path, objectives=goals, claims=claims, **keys))
    assert result.returncode == 2
    assert "claim 'wider overfits' needs 'objective', because the sweep has 2" in result.stderr


@pytest.mark.slow
def test_rates_that_diverge_are_to_be_left_out(dlrun: Dlrun, tmp_path: Path) -> None:
    """What the last line says to write is a sweep without them."""
    rates = [1e-2, 1e-1, 1.0, *(10.0**power for power in range(20, 300, 40))]
    spec = {**SPEC, "optimizer": {"sgd": {"lr": 0.01}}, "epochs": 1}
    space = {"optimizer.sgd.lr": rates, UNITS: [4, 8]}
    sweep = write_sweep(tmp_path, spec=spec, search="grid", space=space)
    result = dlrun("tune", sweep, "--plain")
    assert result.returncode == 3
    board = json.loads((tmp_path / "studies/search/leaderboard.json").read_text())
    advice = next(each for each in board["advice"] if each["key"] == "optimizer.sgd.lr")
    line = f"{advice['place']}: optimizer.sgd.lr: {advice['reason']}; write {advice['write']}"
    assert line in result.stdout
    assert line in dlrun("study", "studies/search").stdout
    number = int(advice["place"].removeprefix("sweep.yaml:"))
    assert '"optimizer.sgd.lr"' in sweep.read_text().splitlines()[number - 1]
    changed = f"space.optimizer.sgd.lr={advice['write']}"
    again = dlrun("tune", sweep, changed, "name=again", "--plain")
    assert (again.returncode, again.stderr) == (0, "")
