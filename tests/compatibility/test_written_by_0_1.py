"""Runs and studies that version 0.1.0 wrote, on another machine, stay usable.

``written-by-0.1`` holds them as that version left them, with what it predicted and how it would
have finished the interrupted run.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from warm import WarmProcess

import dlrun as package

Result = subprocess.CompletedProcess[str]
_HELD = Path(__file__).parent / "written-by-0.1"


@pytest.fixture
def held(tmp_path: Path) -> Path:
    return Path(shutil.copytree(_HELD, tmp_path / "held"))


@pytest.fixture
def dlrun(held: Path, warm: WarmProcess) -> Callable[..., Result]:
    def run(*arguments: str | Path) -> Result:
        return warm.run(list(map(str, arguments)), held)

    return run


def _run(held: Path, name: str) -> Path:
    (found,) = (held / "runs" / name).iterdir()
    return found


def _table(text: str) -> list[list[str]]:
    return list(csv.reader(text.splitlines()))


@pytest.mark.parametrize(
    ("name", "samples"),
    [("table", "flats-new.csv"), ("words", "reviews-new.csv"), ("digits", "digits-new.npz")],
)
def test_a_run_predicts_what_it_did(
    held: Path, dlrun: Callable[..., Result], name: str, samples: str
) -> None:
    result = dlrun("predict", _run(held, name), samples)
    assert result.returncode == 0, result.stderr
    found, wanted = _table(result.stdout), _table((held / f"{name}-predictions.csv").read_text())
    assert [row[:2] for row in found] == [row[:2] for row in wanted]
    np.testing.assert_allclose(
        np.array([row[2:] for row in found[1:]], float),
        np.array([row[2:] for row in wanted[1:]], float),
        rtol=1e-4,
        atol=1e-6,
    )


def test_a_run_says_how_it_ended(held: Path) -> None:
    run = package.Run(_run(held, "table"))
    assert run.result["status"] == "completed"
    assert len(run.metrics["validation.loss"]) == 8


def test_an_interrupted_run_is_resumed(held: Path, dlrun: Callable[..., Result]) -> None:
    run = _run(held, "moons")
    refused = dlrun("resume", run, "max_time=1h")
    assert refused.returncode == 2
    assert "packages.dlrun was 0.1" in refused.stderr
    assert "safetensors" not in refused.stderr  # this version does not use the package
    result = dlrun("resume", run, "max_time=1h", "--changed")
    assert result.returncode == 0, result.stderr
    found, wanted = (
        np.genfromtxt(file, delimiter=",", names=True)
        for file in (run / "metrics.csv", held / "moons-metrics.csv")
    )
    for column in ("epoch", "step", "lr", "train.loss", "validation.loss"):
        name = column.replace(".", "")
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-4, err_msg=column)


@pytest.mark.parametrize("name", ["table", "words", "digits"])
def test_the_data_of_a_run_is_known_again(
    held: Path, dlrun: Callable[..., Result], name: str
) -> None:
    run = _run(held, name)
    spec = run / "resolved.yaml"
    here = spec.read_text().replace("/home/user/held", str(held))
    assert here != spec.read_text()
    spec.write_text(here)
    result = dlrun("evaluate", run, "--json")
    assert result.returncode == 0, result.stderr
    wanted = json.loads((run / "result.json").read_text())["metrics"]
    found = {key: value for key, value in json.loads(result.stdout).items() if key in wanted}
    assert found == pytest.approx(
        {key: value for key, value in wanted.items() if not key.startswith("train.")}, rel=1e-4
    )


def test_other_data_than_that_of_a_run_is_noticed(held: Path, dlrun: Callable[..., Result]) -> None:
    run = _run(held, "table")
    spec = run / "resolved.yaml"
    spec.write_text(spec.read_text().replace("/home/user/held", str(held)))
    flats = held / "flats.csv"
    lines = flats.read_text().splitlines()
    flats.write_text("\n".join([lines[0], lines[2], lines[1], *lines[3:]]) + "\n")
    result = dlrun("evaluate", run)
    assert result.returncode == 2
    assert "the data is no longer what the run was trained on" in result.stderr


def test_runs_are_compared(held: Path, dlrun: Callable[..., Result]) -> None:
    result = dlrun("diff", _run(held, "moons"), _run(held, "digits"))
    assert result.returncode == 4, result.stderr


@pytest.mark.parametrize("name", ["halved", "claimed", "cut-off", "handed"])
def test_a_study_is_shown(held: Path, dlrun: Callable[..., Result], name: str) -> None:
    result = dlrun("study", Path("studies") / name)
    assert result.returncode == 0, result.stderr
    leaderboard = held / "studies" / name / "leaderboard.json"
    for row in json.loads((_HELD / leaderboard.relative_to(held)).read_text())["trials"]:
        if row["value"] is None:  # not reported yet
            continue
        assert f"{row['value']['mean']:.4f}" in result.stdout


@pytest.mark.parametrize("name", ["cut-off", "halved"])
def test_a_study_is_continued(held: Path, dlrun: Callable[..., Result], name: str) -> None:
    journal = held / "studies" / name / "journal.jsonl"
    before = journal.read_text()
    result = dlrun("tune", f"{name}.yaml", "trials=8", "--jobs", "1", "--plain")
    assert result.returncode == 0, result.stderr
    after = journal.read_text()
    assert after.startswith(before)
    assert len(after) > len(before)
    assert (held / "studies" / name / "best.yaml").exists()


def test_a_study_that_others_train_is_continued(held: Path, dlrun: Callable[..., Result]) -> None:
    result = dlrun("report-result", "studies/handed", "1", "0.25")
    assert result.returncode == 0, result.stderr
    result = dlrun("suggest", "studies/handed")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("optimizer.adam.lr=")
