"""Functions of a run: evaluate, predict, diff, verify, resume."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dlrun
from dlrun.cli.display.comparison import as_json
from dlrun.errors import DataError, InputError

Spec = Callable[..., Path]


@pytest.fixture
def trained(spec: Spec, tmp_path: Path) -> dlrun.Run:
    rows = "".join(f"{n % 7},{n % 5},{'yes' if n % 3 else 'no'}\n" for n in range(60))
    (tmp_path / "t.csv").write_text(f"a,b,sold\n{rows}")
    data = {
        "source": {"csv": {"path": "t.csv", "target": "sold"}},
        "split": {"validation": 0.2, "test": 0.2},
        "preprocess": ["standardize"],
    }
    return dlrun.train(spec(data=data), runs=tmp_path / "runs")


def test_scores_and_predictions_are_those_of_the_commands(
    trained: dlrun.Run, command: Callable[..., str], in_json: Callable[[Any], Any], tmp_path: Path
) -> None:
    scores = dlrun.evaluate(trained.path)
    assert scores == trained.evaluate()
    assert in_json(scores) == json.loads(command("evaluate", trained.path, "--json"))
    assert dlrun.evaluate(trained.path, tmp_path / "t.csv") == trained.evaluate(
        str(tmp_path / "t.csv")
    )
    out = tmp_path / "predictions.csv"
    predictions = dlrun.predict(trained.path, tmp_path / "t.csv", out=out)
    assert out.read_text() == command("predict", trained.path, "t.csv")
    assert len(predictions.rows) == 60


def test_notes_are_warnings_of_the_caller(trained: dlrun.Run, tmp_path: Path) -> None:
    notes: list[str] = []
    dlrun.predict(trained.path, tmp_path / "t.csv", tell=notes.append)
    assert notes == []
    with pytest.raises(DataError, match=r"gone\.csv"):
        dlrun.evaluate(trained.path, tmp_path / "gone.csv")


def test_comparisons_are_those_of_the_commands(
    trained: dlrun.Run, command: Callable[..., str], in_json: Callable[[Any], Any], tmp_path: Path
) -> None:
    other = dlrun.train(tmp_path / "spec.yaml", {"seed": 4}, runs=tmp_path / "runs")
    differing = dlrun.diff(trained.path, other.path)
    printed = command("diff", trained.path, other.path, "--json", code=4)
    assert not differing.same
    assert in_json(as_json(differing)) == json.loads(printed)
    again = dlrun.verify(trained.path)
    assert again.same
    assert again.tensors.keys() == {"last", "best"}
    printed = json.loads(command("verify", trained.path, "--json"))
    assert {**in_json(as_json(again)), "environment": None} == {**printed, "environment": None}


def test_a_run_that_was_stopped_is_verified_as_far_as_it_came(spec: Spec, tmp_path: Path) -> None:
    stopped = dlrun.train(spec(), {"max_time": 1e-9}, runs=tmp_path / "runs")
    with pytest.raises(DataError, match="stopped in its first epoch"):
        dlrun.verify(stopped.path)
    resumed = dlrun.resume(stopped.path, {"max_time": None})
    assert (resumed.path, resumed.result["status"]) == (stopped.path, "completed")
    assert dlrun.verify(resumed.path).same


def test_a_training_is_that_of_the_command(
    spec: Spec, command: Callable[..., str], tmp_path: Path
) -> None:
    path = spec()
    run = dlrun.train(json.loads(path.read_text()), runs=tmp_path / "here", profile=True)
    command("train", path, "--runs", "there")
    (other,) = (tmp_path / "there").glob("small/*")
    assert dlrun.diff(run.path, other).same
    assert (run.path / "profile" / "trace.json").exists()
    with pytest.raises(InputError, match="leave out one of them"):
        dlrun.train(path, runs=tmp_path / "here", profile=True, detect_anomaly=True)
