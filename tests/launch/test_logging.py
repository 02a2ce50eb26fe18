"""Loggers of a training: what they are told, and that nothing they do affects it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fake_logger import Backend, fake_logger

import dlrun
from dlrun.launch.finished import Finished
from dlrun.launch.resume import resume_latest, resume_run
from dlrun.launch.start import start
from dlrun.launch.training import Training
from dlrun.loggers import delivery, loggers
from dlrun.loggers.messages import End, Run
from dlrun.run_directory.directory import RunDirectory
from dlrun.training.events import EpochEnded, StepEnded

Spec = Callable[..., Path]


@pytest.fixture
def fake() -> Iterator[Backend]:
    with fake_logger() as backend:
        yield backend


def trained(spec: Path, runs: Path) -> Path:
    """The directory of a run without pictures, which take most of the time."""
    with start(spec, runs=runs) as training:
        for _ in training.events():
            pass
        training.finish(pictures=False)
    return training.directory.path


def weights(run: Path) -> Mapping[str, bytes]:
    return {
        name: (run / "checkpoints" / f"{name}.safetensors").read_bytes()
        for name in ("best", "last")
    }


@pytest.mark.usefixtures("pictures")
def test_parameters_epochs_and_the_result_are_logged(
    spec: Spec, tmp_path: Path, fake: Backend
) -> None:
    fields = {"artifacts": True}
    path = spec(log=[{"fake": fields}], params={"database": "postgresql://me:hidden@host/db"})
    run = dlrun.train(path, runs=tmp_path / "runs")
    (opened,), (end,) = fake.all("open"), fake.all("end")
    assert isinstance(opened, Run) and isinstance(end, End)
    assert (opened.name, opened.label, opened.group) == ("small", run.path.name, None)
    assert opened.parameters["optimizer.adam.lr"] == 0.01
    assert opened.parameters["model.0.dense.units"] == 8
    assert opened.parameters["clip"] == "null"
    assert opened.parameters["params.database"] == "postgresql://me:***@host/db"
    assert not any(key.startswith("log") for key in opened.parameters)
    rows = RunDirectory(run.path).metrics()
    assert fake.epochs == [1, 2, 3]
    for number, epoch in enumerate(fake.all("epoch")):
        for column, values in rows.items():
            if column != "epoch":
                assert epoch.values[column.replace(".", "/")] == values[number]
    assert end.metrics == {
        key.replace(".", "/"): each for key, each in run.result["metrics"].items()
    }
    assert (end.status, end.ended_by, end.epochs) == ("completed", "epochs", 3)
    assert end.best_epoch == run.result["best_epoch"]
    resolved, *plots = (Path(file).name for file in end.files)
    assert resolved == "resolved.yaml"
    assert plots == sorted(each.name for each in (run.path / "plots").iterdir())
    assert [name for name, _ in fake.calls][-2:] == ["end", "close"]


@pytest.mark.parametrize("call", ["open", "epochs", "end", "close"])
def test_a_logger_that_fails_changes_nothing(
    spec: Spec, tmp_path: Path, fake: Backend, call: str
) -> None:
    plain = trained(spec(), tmp_path / "plain")
    fake.fails = call
    with start(spec(log=["fake"]), runs=tmp_path / "runs") as training:
        for _ in training.events():
            pass
        warnings = [*training.warnings(), *training.finish(pictures=False)]
    # What training.warnings() has returned is in the log as well.
    log = training.directory.log_file.read_text().splitlines()
    (line,) = (each for each in log if each.startswith("log: "))
    assert line == (
        "log: fake is switched off for this run: "
        "ConnectionError: http://me:***@server refused the connection"
    )
    assert warnings == [line]
    assert training.directory.status == "completed"
    assert weights(training.directory.path) == weights(plain)
    names = [name for name, _ in fake.calls]
    assert call not in names and "close" not in names


def test_a_logger_that_hangs_is_left_behind(
    spec: Spec, tmp_path: Path, fake: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loggers, "PATIENCE", 0.01)
    monkeypatch.setattr(loggers, "NOTICE", 0.0)
    fake.waits = "epochs"
    told: list[str] = []
    with start(spec(log=["fake"]), runs=tmp_path / "runs") as training:
        for _ in training.events():
            pass
        (warning,) = training.finish(pictures=False, tell=told.append)
    assert told == ["waiting for fake to store the log; the training has ended"]
    assert "it did not accept everything in time" in warning
    assert training.directory.status == "completed"
    before = training.directory.loggers_file.read_bytes()
    fake.released.set()  # what comes late is not written to a directory that others may use
    assert training.directory.loggers_file.read_bytes() == before


@pytest.mark.parametrize("longest", [60.0, 0.02])
def test_a_logger_without_a_processor_is_waited_for_up_to_a_limit(
    spec: Spec, tmp_path: Path, fake: Backend, monkeypatch: pytest.MonkeyPatch, longest: float
) -> None:
    monkeypatch.setattr(loggers, "PATIENCE", 0.01)
    monkeypatch.setattr(loggers, "NOTICE", 0.0)
    monkeypatch.setattr(loggers, "LONGEST", longest)
    fake.waits, fake.delays = "epochs", 60.0
    with start(spec(log=["fake"]), runs=tmp_path / "runs") as training:
        for _ in training.events():
            pass
        assert fake.waiting.wait(60)
        timer = threading.Timer(0.5, fake.released.set)
        timer.start()
        warnings = training.finish(pictures=False)
    timer.join()
    assert len(warnings) == (0 if longest == 60.0 else 1)
    if longest == 60.0:
        assert fake.calls[-1][0] == "close"


def test_a_logger_that_is_too_slow_is_switched_off(
    spec: Spec, tmp_path: Path, fake: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "MOST", 2)
    fake.waits = "open"
    with start(spec(log=["fake"], epochs=6), runs=tmp_path / "runs") as training:
        warnings = list[str]()
        for event in training.events():
            found = training.warnings()
            assert not found or isinstance(event, EpochEnded)
            warnings += found
        warnings += training.finish(pictures=False)
    (warning,) = warnings
    assert "2 messages wait for it" in warning


@pytest.mark.parametrize("steps", [1, 9])
def test_a_resumed_run_is_continued_without_repeating_an_epoch(
    spec: Spec, tmp_path: Path, fake: Backend, steps: int
) -> None:
    checkpoint = {"every": {"steps": steps}, "share": 1.0}
    with start(spec(log=["fake"], checkpoint=checkpoint), runs=tmp_path / "runs") as training:
        for event in training.events():
            if isinstance(event, StepEnded) and (event.epoch, event.step) == (3, 2):
                break
    assert fake.epochs == [1, 2]
    assert fake.all("end") == []
    again = resume_run(training.directory.path)
    assert isinstance(again, Training)
    with again:
        for _ in again.events():
            pass
        again.finish(pictures=False)
    first, second = fake.all("open")
    assert (first.id, second.id) == (None, f"id of {training.directory.id}")
    assert fake.epochs == [1, 2, 3]
    assert len(fake.all("end")) == 1


def test_epochs_that_are_trained_again_with_other_values_are_logged_again(
    spec: Spec, tmp_path: Path, fake: Backend
) -> None:
    path = spec(log=["fake"], checkpoint={"every": {"epochs": 2}, "share": 1.0}, epochs=4)
    with start(path, runs=tmp_path / "runs") as training:
        for event in training.events():
            if isinstance(event, StepEnded) and event.epoch == 4:
                break
    again = resume_run(training.directory.path, ["optimizer.adam.lr=0.5"], allow_changes=True)
    assert isinstance(again, Training)
    with again:
        for _ in again.events():
            pass
        again.finish(pictures=False)
    assert fake.all("restart") == [2]
    assert fake.epochs == [1, 2, 3, 3, 4]


def test_loggers_may_change_in_a_resumed_run(spec: Spec, tmp_path: Path, fake: Backend) -> None:
    run = trained(spec(), tmp_path)
    same = resume_latest(spec(), ["log=[fake]"], runs=tmp_path)
    assert isinstance(same, Finished)
    assert (same.directory.path, fake.calls) == (run, [])
    longer = resume_latest(spec(), ["log=[fake]", "epochs=5"], runs=tmp_path)
    assert isinstance(longer, Training)
    with longer:
        for _ in longer.events():
            pass
        longer.finish(pictures=False)
    assert longer.directory.path == run
    assert fake.epochs == [4, 5]
    comparison = dlrun.diff(run, trained(spec(epochs=5), tmp_path))
    assert comparison.same
    assert not comparison.spec


def test_a_verification_is_not_logged(spec: Spec, tmp_path: Path, fake: Backend) -> None:
    run = trained(spec(log=["fake"]), tmp_path)
    before = list(fake.calls)
    assert dlrun.verify(run).same
    assert fake.calls == before


def test_folds_are_one_group(spec: Spec, tmp_path: Path, fake: Backend) -> None:
    data: dict[str, Any] = {"source": {"blobs": {"samples": 60}}, "split": {"folds": 2}}
    validated = dlrun.cross_validate(spec(data=data, log=["fake"]), runs=tmp_path)
    opened = fake.all("open")
    assert [each.label for each in opened] == ["fold-1", "fold-2"]
    assert {each.group for each in opened} == {validated.path.name}
    assert len({each.unique for each in opened}) == 2
