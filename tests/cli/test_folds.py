from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Spec = Callable[..., Path]

DATA: dict[str, Any] = {
    "source": {"blobs": {"samples": 110, "noise": 2.0}},
    "split": {"validation": 0.2, "folds": 3},
    "batch_size": 16,
}


def test_the_table_of_folds(dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]) -> None:
    result = dlrun("train", spec(data=DATA))
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert [line for line in lines if line.startswith("fold ")] == [
        "fold 1 of 3",
        "fold 2 of 3",
        "fold 3 of 3",
    ]
    found = json.loads((only_run() / "result.json").read_text())
    cells = [line.split() for line in lines]
    (header,) = (line for line in lines if line.strip().startswith("metric"))
    assert header.split() == [
        *["metric", "mean", "95", "%", "interval"],
        *["fold", "1", "fold", "2", "fold", "3"],
    ]
    (row,) = (each for each in cells if each[:1] == ["test.accuracy"])
    interval = found["intervals"]["test.accuracy"]
    shown = [found["metrics"]["test.accuracy"], interval["low"], "to", interval["high"]]
    shown += [fold["metrics"]["test.accuracy"] for fold in found["folds"]]
    assert row[1:] == [each if each == "to" else f"{each:.4f}" for each in shown]
    assert lines[-2].startswith("completed after 3 folds and ")
    assert lines[-1] == f"run directory  {only_run().relative_to(only_run().parents[2])}"
    assert "\x1b" not in result.stdout


def test_json_is_a_line_an_event(dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]) -> None:
    result = dlrun("train", spec(data=DATA), "--json", "epochs=1")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    one = ["fold_started", "run_started", "epoch", "run_ended"]
    assert [each["event"] for each in events] == [*one, *one, *one, "folds_ended"]
    assert [each["fold"] for each in events if "fold" in each] == [1, 2, 3]
    last = events[-1]
    assert last.pop("event") == "folds_ended"
    assert last.pop("directory").endswith(only_run().name)
    assert last == json.loads((only_run() / "result.json").read_text())


def test_quiet_says_nothing(dlrun: Dlrun, spec: Spec) -> None:
    result = dlrun("train", spec(data=DATA), "-q", "epochs=1")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.slow
def test_many_folds_have_no_columns(dlrun: Dlrun, spec: Spec) -> None:
    result = dlrun("train", spec(data=DATA), "data.split.folds=11", "epochs=1")
    (header,) = (line for line in result.stdout.splitlines() if line.strip().startswith("metric"))
    assert header.split() == ["metric", "mean", "95", "%", "interval"]


def test_one_fold_is_a_single_training(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]
) -> None:
    result = dlrun("train", spec(data=DATA), "data.split.fold=3", "epochs=1")
    assert result.returncode == 0
    assert "fold" not in result.stdout
    assert (only_run() / "metrics.csv").exists()


def test_a_profile_of_each_fold(dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]) -> None:
    result = dlrun("train", spec(data=DATA), "--profile", "epochs=1")
    assert result.returncode == 0
    assert len(list(only_run().glob("fold-*/profile/layers.csv"))) == 3


def test_every_fold_is_watched_for_anomalies(dlrun: Dlrun, spec: Spec) -> None:
    path = spec(data=DATA, optimizer={"sgd": {"lr": 1e38}})
    plain, detected = dlrun("train", path), dlrun("train", path, "--detect-anomaly")
    assert (plain.returncode, detected.returncode) == (3, 3)
    for result, late in ((plain, True), (detected, False)):
        lines = [line for line in result.stdout.splitlines() if line.startswith("diverged after")]
        assert len(lines) == 4  # of three folds, and of all together
        # It is noticed in the first layer that is not finite, before there is a loss.
        assert {" and the loss nan in " in line for line in lines} == {late}


def test_exit_codes(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    result = dlrun("train", spec(data=DATA, optimizer={"sgd": {"lr": 1e38}}))
    assert result.returncode == 3
    assert "diverged after 3 folds" in result.stdout
    result = dlrun("train", spec(data=DATA), "data.split.folds=1000")
    assert result.returncode == 2
    assert "1000 folds of 110 samples: some would be empty" in result.stderr
    assert len(list((tmp_path / "runs").glob("*/*"))) == 1


def test_a_signal_ends_all(
    started: Callable[..., Any], spec: Spec, only_run: Callable[[], Path]
) -> None:
    process = started("train", spec(data=DATA, epochs=10_000_000), "--plain")
    for line in process.stdout:
        if line.startswith("epoch "):
            break
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 75
    result = json.loads((only_run() / "result.json").read_text())
    assert result["status"] == "stopped"
    assert [each["status"] for each in result["folds"]] == ["stopped"]
    assert result["metrics"] == {}
    assert not (only_run() / "fold-2").exists()


def test_a_time_limit_ends_all(dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]) -> None:
    result = dlrun("train", spec(data=DATA, epochs=10_000_000), "max_time=0.001s", "-q")
    assert result.returncode == 75
    assert json.loads((only_run() / "result.json").read_text())["status"] == "stopped"
    assert not (only_run() / "fold-2").exists()


def test_a_fold_that_is_trained_further_says_what_stays(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]
) -> None:
    assert dlrun("train", spec(data=DATA), "-q", "epochs=1").returncode == 0
    whole = only_run()
    before = (whole / "result.json").read_text()
    result = dlrun("resume", whole / "fold-1", "epochs=3", "-q")
    assert result.returncode == 0
    assert result.stderr.rstrip().endswith(
        f"fold-1: the scores of all folds stay those from before until all are resumed, with dlrun "
        f"resume {whole}"
    )
    assert (whole / "result.json").read_text() == before
    assert dlrun("resume", whole, "epochs=3", "-q").returncode == 0
    after = json.loads((whole / "result.json").read_text())
    for number, fold in enumerate(after["folds"], start=1):
        assert len((whole / f"fold-{number}/metrics.csv").read_text().splitlines()) == 4
        ended = json.loads((whole / f"fold-{number}/result.json").read_text())
        assert fold["metrics"] == ended["metrics"]
    alone = dlrun("train", spec(data=DATA), "data.split.fold=1", "-q", "epochs=1", "--runs", "r")
    (run,) = (whole.parents[2] / "r").glob("*/*")
    assert alone.returncode == 0
    assert dlrun("resume", run, "epochs=2", "-q").stderr == ""


@pytest.mark.slow
def test_on_a_terminal(screen: Callable[..., Any], spec: Spec) -> None:
    found = screen("train", spec(data=DATA), "data.split.folds=8", "epochs=1")
    text = found.read()
    assert "fold 8 of 8" in text
    assert "95 % interval" in text
    assert "5 more columns: fold 4, fold 5, fold 6, fold 7, fold 8; see result.json" in text
    assert found.process.wait() == 0
