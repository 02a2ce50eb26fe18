"""What a run directory contains, whoever starts the training."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import dlrun
from dlrun.errors import DataError
from dlrun.launch.lines import Lines
from dlrun.launch.start import start

Spec = Callable[..., Path]


def test_the_log_has_the_lines_of_every_event(spec: Spec, tmp_path: Path) -> None:
    with start(spec(epochs=2), runs=tmp_path / "runs") as training:
        lines, said = Lines(training.directory.path), []
        for event in training.events():
            said += lines(event)
            logged = training.directory.log_file.read_text().splitlines()
            assert logged == said  # on disk before it is yielded
    assert said[0].startswith("small")
    assert any(line.startswith("completed after 2 epochs") for line in said)


def test_python_writes_the_same_files_as_the_commands(spec: Spec, tmp_path: Path) -> None:
    run = dlrun.train(spec(epochs=1), runs=tmp_path / "runs")
    folds = spec(epochs=1, data={"source": {"moons": {"samples": 40}}, "split": {"folds": 2}})
    runs = [run, *dlrun.cross_validate(folds, runs=tmp_path / "runs").folds]
    for run in runs:
        assert "completed after 1 epoch" in (run.path / "log.txt").read_text()


def test_a_resumed_run_continues_its_log(spec: Spec, tmp_path: Path) -> None:
    run = dlrun.train(spec(epochs=1), runs=tmp_path / "runs")
    before = (run.path / "log.txt").read_text()
    dlrun.resume(run.path, {"epochs": 2})
    after = (run.path / "log.txt").read_text()
    assert after.startswith(before)
    assert "resuming after epoch 1" in after[len(before) :]


def test_a_log_that_cannot_be_written_is_an_error(spec: Spec, tmp_path: Path) -> None:
    with start(spec(epochs=1), runs=tmp_path / "runs") as training:
        training.directory.log_file.mkdir()
        with pytest.raises(DataError, match=r"log\.txt: cannot write it"):
            training.run()
