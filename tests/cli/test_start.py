"""Signals while dlrun starts: whatever can be run again exits with 75, from its first line on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from processes import heeding
from sweeps import write_sweep
from torture import outcome

from dlrun.training.stop import RESUMABLE

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Spec = Callable[..., Path]

# Sends itself a signal when a module is first looked for, or before a function is first called.
DRIVER = """
import functools, importlib, importlib.abc, os, runpy, sys

point, number = sys.argv[1], int(sys.argv[2])
sys.argv = ["dlrun", *sys.argv[3:]]
module, _, name = point.partition(":")

@functools.cache
def send():
    os.write(2, b"sent ")
    os.kill(os.getpid(), number)

class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, wanted, path=None, target=None):
        if wanted == module:
            send()

if name:
    owner, _, last = name.rpartition(".")
    owner = functools.reduce(getattr, filter(None, [owner]), importlib.import_module(module))
    original = getattr(owner, last)
    setattr(owner, last, lambda *each, **named: send() or original(*each, **named))
else:
    assert module not in sys.modules
    sys.meta_path.insert(0, Finder())
runpy.run_module("dlrun", run_name="__main__")
"""

IMPORTS = (
    "dlrun.cli.app",
    "typer",
    "dlrun.launch.start",
    "numpy",
    "pydantic",
    "dlrun.training.loop",
)
CALLS = (
    "dlrun.experiment.compile:compile_document",
    "dlrun.data.parts:_load",
    "dlrun.training.initial_network:settle",
    "dlrun.training.session:Session.run",
    "dlrun.inference.epoch_scores:Scores.add",
)
TUNE = (
    "dlrun.study.sweep.compile",
    "dlrun.study.sweep.compile:read_plan",
    "dlrun.study.ledger:Ledger.begin",
    "dlrun.study.executors.local:LocalExecutor.submit",
)


@pytest.fixture
def struck(tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    """Runs a command that gets a signal at a point: exit code, output and errors."""

    def run(point: str, number: int, *words: str | Path) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-c", DRIVER, point, str(int(number)), *map(str, words)],
            cwd=tmp_path,
            env={**os.environ, "DLRUN_KERNELS": "numpy"},
            preexec_fn=heeding,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.stderr.startswith("sent "), done.stderr
        return done.returncode, done.stdout, done.stderr.removeprefix("sent ")

    return run


@pytest.mark.parametrize(
    ("point", "number"),
    [
        *((point, signal.SIGTERM) for point in (*IMPORTS, *CALLS)),
        *(("dlrun.cli.app", number) for number in (signal.SIGHUP, signal.SIGINT, signal.SIGUSR1)),
        *((CALLS[1], number) for number in (signal.SIGHUP, signal.SIGINT, signal.SIGUSR1)),
    ],
)
def test_a_training_can_be_asked_to_stop_from_the_first_line_on(
    struck: Callable[..., tuple[int, str, str]],
    spec: Spec,
    tmp_path: Path,
    point: str,
    number: signal.Signals,
) -> None:
    code, _, err = struck(point, number, "train", spec().name, "--resume", "auto", "--quiet")
    assert (code, err) == (RESUMABLE, "")
    assert not list(tmp_path.glob("runs/*/*/*.tmp"))


@pytest.mark.slow
def test_a_training_that_is_resumed_too(
    struck: Callable[..., tuple[int, str, str]], dlrun: Dlrun, spec: Spec, tmp_path: Path
) -> None:
    command = ("train", spec().name, "--quiet")
    assert dlrun(*command, "--runs", "whole", DLRUN_KERNELS="numpy").returncode == 0
    resumed = (*command, "--resume", "auto")
    assert dlrun(*resumed, "max_time=1e-9", DLRUN_KERNELS="numpy").returncode == RESUMABLE
    (run,) = tmp_path.glob("runs/small/*")
    for point, words in (
        ("dlrun.cli.app", resumed),
        ("numpy", ("resume", str(run), "-q")),
        ("dlrun.data.parts:_load", resumed),
        ("dlrun.inference.epoch_scores:Scores.add", ("resume", str(run), "-q")),
    ):
        assert struck(point, signal.SIGUSR1, *words)[::2] == (RESUMABLE, "")
    assert dlrun(*resumed, DLRUN_KERNELS="numpy").returncode == 0
    (whole,) = tmp_path.glob("whole/small/*")
    assert outcome(run) == outcome(whole)


@pytest.mark.parametrize(
    ("point", "number"),
    [*((point, signal.SIGTERM) for point in TUNE), (TUNE[0], signal.SIGUSR1)],
)
def test_a_study_can_be_asked_to_stop_from_the_first_line_on(
    struck: Callable[..., tuple[int, str, str]],
    tmp_path: Path,
    point: str,
    number: signal.Signals,
) -> None:
    sweep = write_sweep(tmp_path)
    code, _, err = struck(point, number, "tune", sweep, "--jobs", "1", "--quiet")
    assert (code, err) == (RESUMABLE, "")


@pytest.mark.parametrize(
    ("words", "number", "code"),
    [
        (("check", "spec.yaml"), signal.SIGINT, 130),
        (("check", "spec.yaml"), signal.SIGTERM, -signal.SIGTERM),
        (("--debug", "train", "spec.yaml"), signal.SIGTERM, RESUMABLE),
        (("--version",), signal.SIGINT, 130),
    ],
)
def test_what_cannot_be_resumed_ends_by_the_signal(
    struck: Callable[..., tuple[int, str, str]],
    words: tuple[str, ...],
    number: signal.Signals,
    code: int,
) -> None:
    assert struck("dlrun.cli.app", number, *words) == (code, "", "")


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_what_the_shell_ignores_stays_ignored(
    struck: Callable[..., tuple[int, str, str]], spec: Spec, number: signal.Signals, tmp_path: Path
) -> None:
    program = ["sh", "-c", f"trap '' {number.name[3:]}; exec \"$@\"", "sh", sys.executable]
    done = subprocess.run(
        [*program, "-c", DRIVER, "dlrun.cli.app", str(int(number)), "train", spec().name, "-q"],
        cwd=tmp_path,
        preexec_fn=heeding,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "sent ")


def test_garbage_is_collected_late_and_then_regularly() -> None:
    code = """
import gc
from dlrun.__main__ import _collect_late
collected, kept = [], []
_collect_late()
gc.callbacks.append(lambda phase, info: collected.append(phase))
def uncollected(count):
    kept.extend([] for _ in range(count))
    return not collected
assert uncollected(90_000)
assert not uncollected(20_000)
collected.clear()
assert not uncollected(20_000)
assert len(gc.callbacks) == 1
"""
    subprocess.run([sys.executable, "-c", code], check=True)
