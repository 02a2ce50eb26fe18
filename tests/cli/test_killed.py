"""SIGKILL at any moment: the same command goes on and ends with the bits of one that was not."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from torture import KILLED, Torture, outcome

Spec = Callable[..., Path]

COMMAND = ("train", "spec.yaml", "--resume", "auto", "--quiet")

KEYS: dict[str, Any] = {
    "model": [{"dense": 8}, "batch_norm", "relu", {"dropout": 0.2}, {"dense": "${classes}"}],
    "average": {"ema": 0.9},
    "accumulate": 2,
    "early_stopping": {"patience": 50},
    "checkpoint": {"every": {"steps": 1}, "share": 1.0},
}

CALLS = {
    "reading the data": ("dlrun.data.parts:_load", (1,)),
    "building the network": ("dlrun.training.initial_network:settle", (1,)),
    "a step": ("dlrun.inference.epoch_scores:Scores.add", (1, 4, 9)),
    "validation": ("dlrun.training.loop:evaluate", (1, 2)),
    "opening a file": ("os:open", (1, 4, 9)),
    "writing a file": ("os:write", (2, 5, 12)),
    "bringing a file to the disk": ("os:fsync", (1, 9, 10)),
    "a rename": ("os:replace", (3, 4, 5, 6)),
    "the final scores": ("dlrun.training.session:evaluate", (1, 2)),
    "the result": ("dlrun.run_directory.directory:RunDirectory.finish", (1,)),
    "giving the lock back": ("dlrun.run_directory.lock:Lock.release", (1,)),
}
"""Where a training kills itself: a function, and which calls of it."""

READ = "dlrun.run_directory.weights"


@pytest.fixture(scope="module")
def torture() -> Iterator[Torture]:
    with Torture() as server:
        yield server


@pytest.fixture
def folder(spec: Spec) -> Path:
    return spec(**KEYS).parent


@pytest.fixture
def expected(folder: Path, torture: Torture) -> dict[str, Any]:
    assert torture.run(folder, *COMMAND, "--runs", "whole") == 0
    return outcome(only(folder / "whole"))


def only(runs: Path) -> Path:
    """The one run that a command has found again and again."""
    (run,) = (each for each in runs.glob("small/*") if (each / "resolved.yaml").exists())
    return run


@pytest.mark.slow
@pytest.mark.parametrize("what", CALLS)
def test_a_kill_at_a_call(
    what: str, folder: Path, torture: Torture, expected: dict[str, Any]
) -> None:
    """A kill from the start, and a second one while it goes on, at each of the calls."""
    name, numbers = CALLS[what]
    kills = 0
    for number in numbers:
        for _ in range(2):
            kills += torture.run(folder, *COMMAND, call=(name, number)) == KILLED
        assert torture.run(folder, *COMMAND) == 0
        assert outcome(only(folder / "runs")) == expected
        shutil.rmtree(folder / "runs")
    assert kills >= len(numbers)


def test_a_kill_while_a_checkpoint_is_read(
    folder: Path, torture: Torture, expected: dict[str, Any]
) -> None:
    for call in ("dlrun.inference.epoch_scores:Scores.add", 6), (f"{READ}:read_arrays", 1):
        assert torture.run(folder, *COMMAND, call=call) == KILLED
    assert torture.run(folder, *COMMAND) == 0
    assert outcome(only(folder / "runs")) == expected


def test_a_kill_while_rows_are_cut_off(
    folder: Path, torture: Torture, expected: dict[str, Any]
) -> None:
    # In the first step of an epoch, when the row of the epoch before is behind the checkpoint.
    assert (
        torture.run(folder, *COMMAND, call=("dlrun.inference.epoch_scores:Scores.add", 6)) == KILLED
    )
    rows = (only(folder / "runs") / "metrics.csv").read_text()
    assert torture.run(folder, *COMMAND, call=("os:truncate", 1)) == KILLED
    assert (only(folder / "runs") / "metrics.csv").read_text() == rows
    assert (
        torture.run(folder, *COMMAND, call=("dlrun.launch.training:Training.events", 1)) == KILLED
    )
    assert (only(folder / "runs") / "metrics.csv").read_text() == ""
    assert torture.run(folder, *COMMAND) == 0
    assert outcome(only(folder / "runs")) == expected


@pytest.mark.slow
def test_kills_at_random_moments(folder: Path, torture: Torture, expected: dict[str, Any]) -> None:
    """As many as the variable DLRUN_TORTURE says; one run is killed until it comes to its end."""
    wanted = int(os.environ.get("DLRUN_TORTURE", "12"))
    draw = random.Random(1)
    kills = 0
    while kills < wanted:
        code = KILLED
        while code == KILLED:
            code = torture.run(folder, *COMMAND, delay=draw.expovariate(1 / 0.3))
            kills += code == KILLED
        assert code == 0, (folder / "out.txt").read_text()
        assert outcome(only(folder / "runs")) == expected
        shutil.rmtree(folder / "runs")


@pytest.mark.slow
def test_kills_of_whole_processes(folder: Path, torture: Torture, expected: dict[str, Any]) -> None:
    """While Python starts and imports, too."""
    command = [sys.executable, "-m", "dlrun", *COMMAND]
    for delay in (0.05, 0.2, 0.5, 0.9, 1.3):
        with subprocess.Popen(command, cwd=folder) as process:
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
    assert torture.run(folder, *COMMAND) == 0
    assert outcome(only(folder / "runs")) == expected
