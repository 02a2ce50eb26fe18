"""``dlrun verify`` and ``dlrun diff`` as processes."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlrun.api.clean import clean
from dlrun.api.train import train as train_spec
from dlrun.errors import DivergedError

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Spec = Callable[..., Path]


@pytest.fixture
def trained(dlrun: Dlrun, tmp_path: Path) -> Callable[..., Path]:
    """Trains, and gives the run directory."""

    def train(
        path: Path, *overrides: str, runs: str = "runs", apart: bool = False, **variables: str
    ) -> Path:
        if variables or apart:  # as a process, to have the same environment as one
            dlrun("train", path, *overrides, "-q", "--runs", runs, **variables)
        else:
            with suppress(DivergedError):
                train_spec(path, list(overrides), runs=tmp_path / runs)
        (run,) = (tmp_path / runs).glob("*/*")
        return run

    return train


def edit(file: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


def rows(run: Path) -> list[list[str]]:
    return [line.split(",") for line in (run / "metrics.csv").read_text().splitlines()]


def test_missing_weights_are_not_the_same(dlrun: Dlrun, spec: Spec, trained: Any) -> None:
    run = trained(spec(early_stopping={"patience": 2}))
    shutil.copytree(run, copy := run.parent / "copy")
    assert dlrun("diff", run, copy).returncode == 0
    (copy / "checkpoints" / "last.safetensors").unlink()  # the best one is still compared
    assert dlrun("diff", run, copy).returncode == 0
    shutil.rmtree(copy / "checkpoints")
    for words in (("diff", run, copy), ("diff", copy, run), ("verify", copy), ("diff", copy, copy)):
        result = dlrun(*words)
        assert (result.returncode, result.stderr) == (4, "")
        assert f"{copy}: its weights are missing, so they were not compared" in result.stdout
        assert "bit-identical" not in result.stdout
    found = json.loads(dlrun("diff", run, copy, "--json").stdout)
    assert (found["same"], found["without_weights"]) == (False, [str(copy)])


def test_a_deleted_training_state_is_no_difference(dlrun: Dlrun, spec: Spec, trained: Any) -> None:
    run = trained(spec())
    shutil.copytree(run, copy := run.parent / "copy")
    clean(copy, states=True, delete=True)
    for words in (("diff", run, copy), ("diff", copy, run), ("verify", copy), ("diff", copy, copy)):
        result = dlrun(*words)
        assert (result.returncode, result.stderr) == (0, "")
        same, deleted, *_ = result.stdout.splitlines()
        assert same.startswith("bit-identical: metrics.csv (3 epochs, ")
        assert "last.safetensors (6 tensors)" in same
        assert deleted == (
            f"{copy}: dlrun clean has deleted its training state, which was not compared"
        )
    found = json.loads(dlrun("diff", run, copy, "--json").stdout)
    assert (found["same"], found["without_state"]) == (True, [str(copy)])
    other = trained(spec(), "optimizer.adam.lr=0.5", runs="other")
    result = dlrun("diff", copy, other)
    assert result.returncode == 4
    assert "last.safetensors: 4 of 6 tensors differ; the first is dense_1.bias" in result.stdout


def test_a_run_is_repeated_to_the_bit(dlrun: Dlrun, spec: Spec, trained: Any) -> None:
    model = [{"dense": 8}, "batch_norm", "relu", {"dropout": 0.3}, {"dense": "${classes}"}]
    run = trained(spec(model=model, early_stopping={"patience": 2}))
    before = {each: each.stat().st_mtime_ns for each in run.rglob("*")}
    for threads in ("1", "2"):
        result = dlrun("verify", run, DLRUN_THREADS=threads)
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.splitlines()[0].startswith("bit-identical: metrics.csv (3 epochs, ")
        assert "last.safetensors (" in result.stdout and "best.safetensors (" in result.stdout
    assert {each: each.stat().st_mtime_ns for each in run.rglob("*")} == before


def test_nothing_is_left_behind(dlrun: Dlrun, spec: Spec, trained: Any, tmp_path: Path) -> None:
    run = trained(spec())
    (tmp_path / "temporary").mkdir()
    assert dlrun("verify", run, TMPDIR=str(tmp_path / "temporary")).returncode == 0
    assert not any((tmp_path / "temporary").iterdir())


def test_a_divergence_is_repeated_too(dlrun: Dlrun, spec: Spec, trained: Any) -> None:
    run = trained(spec(optimizer={"sgd": {"lr": 1e38}}))
    assert dlrun("verify", run).returncode == 0


@pytest.mark.parametrize("column", ["lr", "validation.loss"])
def test_the_first_epoch_that_differs_is_named(
    dlrun: Dlrun, spec: Spec, trained: Any, column: str
) -> None:
    run = trained(spec(), apart=True)
    table = rows(run)
    place = table[0].index(column)
    for row in table[2:]:
        row[place] = repr(float(np.nextafter(float(row[place]), 9)))
    (run / "metrics.csv").write_text("".join(",".join(row) + "\n" for row in table))
    result = dlrun("verify", run)
    assert (result.returncode, result.stderr) == (4, "")
    (line,) = result.stdout.splitlines()
    assert line.startswith(
        f"metrics.csv: the first difference is in epoch 2 (steps 6 to 10): {column} "
    )
    found = json.loads(dlrun("verify", run, "--json").stdout)
    assert (found["same"], found["cell"]["epoch"], found["cell"]["column"]) == (False, 2, column)


def test_the_environment_may_say_why(dlrun: Dlrun, spec: Spec, trained: Any) -> None:
    run = trained(spec(), apart=True)
    edit(run / "result.json", lambda found: found["metrics"].update({"test.loss": 1.5}))
    edit(run / "environment.json", lambda found: found["packages"].update({"numpy": "1.0"}))
    result = dlrun("verify", run)
    assert result.returncode == 4
    first, second = result.stdout.splitlines()
    assert first.startswith("result.json: metrics.test.loss 1.5 and 0.")
    assert second == f"environment: packages.numpy '1.0' and '{np.__version__}'"


def test_data_that_has_changed_is_said_at_once(
    dlrun: Dlrun, spec: Spec, trained: Any, tmp_path: Path
) -> None:
    def write(first: float) -> None:
        x = np.arange(40.0).reshape(20, 2)
        x[0, 0] = first
        np.savez(tmp_path / "a.npz", x=x, y=np.arange(20) % 2)

    write(0.0)
    run = trained(spec(data={"source": {"npz": "a.npz"}}))
    assert dlrun("verify", run).returncode == 0
    write(1.0)
    result = dlrun("verify", run)
    assert (result.returncode, result.stdout) == (2, "")
    assert "the data has changed since the run" in result.stderr
    (tmp_path / "a.npz").unlink()
    result = dlrun("verify", run)
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
    assert f"{run.name}/resolved.yaml:" in result.stderr


def test_what_max_time_cut_off_is_repeated_as_far_as_it_went(
    dlrun: Dlrun, spec: Spec, trained: Any
) -> None:
    run = trained(spec(max_time="0.3s", epochs=10_000_000))
    result = dlrun("verify", run)
    assert (result.returncode, result.stderr) == (0, "")
    assert f"metrics.csv ({len(rows(run)) - 1:,} epochs, " in result.stdout
    assert "best.safetensors" in result.stdout and "last.safetensors" not in result.stdout


@pytest.mark.slow
def test_a_signal_ends_it(spec: Spec, trained: Any, started: Callable[..., Any]) -> None:
    run = trained(spec(epochs=3000))
    process = started("verify", run)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) in (-signal.SIGTERM, 128 + signal.SIGTERM)


def test_directories_that_cannot_be_verified(
    dlrun: Dlrun, spec: Spec, trained: Any, tmp_path: Path
) -> None:
    run = trained(spec())
    (run / "result.json").unlink()
    for path in (tmp_path / "none", tmp_path, run):
        result = dlrun("verify", path)
        assert (result.returncode, result.stdout) == (2, "")
        assert len(result.stderr.splitlines()) == 1


@pytest.mark.slow
def test_the_live_display_of_a_verification(
    screen: Callable[..., Any], spec: Spec, trained: Any
) -> None:
    shown = screen("verify", trained(spec()))
    shown.read()
    assert shown.process.wait() == 0
    assert "bit-identical" in shown.text and "step 0/5" in shown.text


def test_a_run_differs_from_itself_in_nothing(dlrun: Dlrun, spec: Spec, trained: Any) -> None:
    run = trained(spec())
    result = dlrun("diff", run, run)
    assert (result.returncode, result.stderr) == (0, "")
    (line,) = result.stdout.splitlines()
    assert line.startswith("bit-identical: ")
    found = json.loads(dlrun("diff", run, run, "--json").stdout)
    assert (found["same"], found["epochs"], found["spec"]) == (True, 3, [])


def test_threads_are_a_difference_of_circumstances_alone(
    dlrun: Dlrun, spec: Spec, trained: Any
) -> None:
    one = trained(spec(), DLRUN_THREADS="1")
    two = trained(spec(), runs="other", DLRUN_THREADS="2")
    result = dlrun("diff", one, two)
    assert result.returncode == 0
    assert result.stdout.splitlines()[1:] == ["environment: threads 1 and 2"]


def test_differences_of_spec_and_numbers_are_named(dlrun: Dlrun, spec: Spec, trained: Any) -> None:
    schedule = {"step": {"every": 2, "gamma": 0.5}}
    one = trained(spec(schedule=schedule))
    two = trained(spec(schedule=schedule), "schedule.step.gamma=0.1", runs="other")
    result = dlrun("diff", one, two)
    assert (result.returncode, result.stderr) == (4, "")
    lines = result.stdout.splitlines()
    assert lines[0] == (
        "metrics.csv: the first difference is in epoch 3 (steps 11 to 15): lr 0.005 and 0.001"
    )
    assert lines[1].startswith("last.safetensors: ")
    assert " differ; the first is dense_1.bias: 8 of 8 elements by at most 0.0" in lines[1]
    assert lines[-1] == "spec: schedule.step.gamma 0.5 and 0.1"


def test_runs_of_other_lengths_and_networks(dlrun: Dlrun, spec: Spec, trained: Any) -> None:
    one = trained(spec(metrics=[]))
    model = [{"dense": 9}, "relu", {"dense": "${classes}"}]
    two = trained(spec(model=model, epochs=2), runs="other")
    result = dlrun("diff", one, two)
    assert result.returncode == 4
    assert "result.json: epochs 3 and 2" in result.stdout.splitlines()
    assert "spec: model.0.dense.units 8 and 9" in result.stdout.splitlines()
    assert "dense_1.bias: 9 of 9 elements\n" in result.stdout


def test_a_run_without_rows_and_a_spec_that_is_cut_off(
    dlrun: Dlrun, spec: Spec, trained: Any
) -> None:
    one, two = trained(spec()), trained(spec(), runs="other")
    (two / "metrics.csv").unlink()
    text = (two / "resolved.yaml").read_text()
    (two / "resolved.yaml").write_text(text[: text.index("max_time: ")])
    lines = dlrun("diff", one, two).stdout.splitlines()
    assert lines[0] == "metrics.csv: rows 3 and 0"
    assert "spec: max_time null and (missing)" in lines
    found = json.loads(dlrun("diff", two, one, "--json").stdout)
    assert (found["epochs"], found["cell"], found["same"]) == (0, None, False)
    change = {"key": "max_time", "first": None, "second": None, "missing": "first"}
    assert change in found["spec"]
    assert {"key": "metrics.csv.rows", "first": 0, "second": 3, "missing": None} in found["result"]


def test_unfinished_runs_can_be_compared(dlrun: Dlrun, spec: Spec, trained: Any) -> None:
    one, two = trained(spec()), trained(spec(), runs="other")
    (two / "result.json").unlink()
    result = dlrun("diff", one, two)
    assert result.returncode == 4
    assert result.stdout.splitlines()[0] == "result.json: status 'completed' and 'unfinished'"


def test_broken_weights_are_an_error(dlrun: Dlrun, spec: Spec, trained: Any) -> None:
    run = trained(spec())
    file = run / "checkpoints/last.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    for command in (["verify", run], ["diff", run, run]):
        result = dlrun(*command)
        assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
        assert "the file is broken or was changed" in result.stderr
