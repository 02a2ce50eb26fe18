from __future__ import annotations

import io
import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dlrun.cli.display.progress import show
from dlrun.cli.display.terminal import Mode, Terminal
from dlrun.errors import DataError
from dlrun.nn.kernels import machine_code
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.ending import Ending
from dlrun.training.events import EpochEnded, Event, RunEnded, RunStarted, StepEnded

EPOCHS, STEPS, BEST = 30, 4, 5


class Screen(io.StringIO):
    """A file that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def ordinary_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LINES", "40")


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return RunDirectory.create(tmp_path, "digits")


def events() -> Iterator[Event]:
    """A run that is best in epoch 5 and has no finite loss from epoch 29 on."""
    yield RunStarted("digits", EPOCHS, STEPS, {"train": 64}, 99, "validation.loss", 50)
    for epoch in range(1, EPOCHS + 1):
        for step in range(1, STEPS + 1):
            yield StepEnded(epoch, step, 1 / epoch)
        loss = abs(epoch - BEST) / 8 + 0.25 if epoch < 29 else math.nan
        row = {
            "epoch": epoch,
            "step": epoch * STEPS,
            "seconds": 0.1 * epoch,
            "lr": 0.001,
            "train.loss": 1 / epoch,
            "validation.loss": loss,
        }
        best = min(epoch, BEST)
        yield EpochEnded(epoch, row, epoch <= BEST, best, abs(best - BEST) / 8 + 0.25, 9)
    metrics = {"test.loss": math.nan, "test.accuracy": 0.5}
    yield RunEnded(
        status="completed",
        ended_by=Ending("epochs", EPOCHS),
        reason="all epochs are done",
        epochs=EPOCHS,
        best_epoch=BEST,
        metrics=metrics,
        seconds=3.0,
        confusion=((1,),),
        classes=("a",),
    )


def shown(mode: Mode, run: RunDirectory) -> str:
    out = Screen()
    with show(mode, run, Terminal(out, Screen())) as consume:
        for event in events():
            consume(event)
    return out.getvalue()


def test_plain_is_a_line_an_epoch(run: RunDirectory) -> None:
    lines = shown("plain", run).splitlines()
    assert [line for line in lines if line.startswith("epoch")][4] == (
        "epoch  5/30  train.loss 0.2000  validation.loss 0.2500  lr 0.001  0.5s  best"
    )
    assert sum(line.startswith("epoch") for line in lines) == EPOCHS
    assert lines[0].startswith("digits  99 parameters")
    assert lines[-1] == f"run directory  {run.path}"


def test_quiet_says_nothing(run: RunDirectory) -> None:
    assert shown("quiet", run) == ""


def test_json_is_a_valid_object_an_event(run: RunDirectory) -> None:
    def refuse(constant: str) -> Any:
        raise AssertionError(f"{constant} is no JSON")

    objects = [json.loads(line, parse_constant=refuse) for line in shown("json", run).splitlines()]
    names = [each["event"] for each in objects]
    assert names == ["run_started", *["epoch"] * EPOCHS, "run_ended"]
    assert objects[0]["directory"] == objects[-1]["directory"] == str(run.path)
    assert objects[5]["row"]["validation.loss"] == 0.25
    assert objects[29]["row"]["validation.loss"] is None
    assert objects[-1]["metrics"] == {"test.loss": None, "test.accuracy": 0.5}


def test_live_leaves_table_and_summary_and_gives_the_cursor_back(run: RunDirectory) -> None:
    text = shown("live", run)
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
    assert "all epochs are done" in text[text.rindex("\x1b[?25h") :]


def test_the_cursor_comes_back_after_an_error(run: RunDirectory) -> None:
    out = Screen()
    with pytest.raises(DataError), show("live", run, Terminal(out, Screen())) as consume:
        for event in events():
            consume(event)
            if isinstance(event, EpochEnded):
                raise DataError("metrics.csv: cannot write it")
    assert out.getvalue().count("\x1b[?25h") == out.getvalue().count("\x1b[?25l")


@pytest.mark.parametrize("mode", ["plain", "json"])
def test_training_goes_on_when_the_reader_goes_away(run: RunDirectory, mode: Mode) -> None:
    program = (
        "import pathlib, sys; from dlrun.cli.display.progress import show;"
        "from dlrun.cli.display.terminal import Terminal;"
        "from dlrun.run_directory.directory import RunDirectory;"
        "from dlrun.training.events import EpochEnded\n"
        "row = {'seconds': 1.0, 'lr': 1.0, 'train.loss': 1.0}\n"
        "run = pathlib.Path(sys.argv[1])\n"
        "with show(sys.argv[2], RunDirectory(run), Terminal()) as consume:\n"
        "    for i in range(1, 1001): consume(EpochEnded(i, row, False, 1, 1.0, None))\n"
        "run.with_name('done').touch()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(run.path), mode],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline()
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait(30) == 0
    assert run.path.with_name("done").exists()


@pytest.mark.parametrize("mode", ["live", "plain", "quiet", "json"])
def test_a_step_costs_next_to_nothing(run: RunDirectory, mode: Mode) -> None:
    # Training takes steps of 100 us; a tenth of that is far above what a step costs here, and far
    # below what any drawing, printing or writing would.
    with show(mode, run, Terminal(Screen(), Screen())) as consume:
        consume(RunStarted("digits", 1, 10**9, {"train": 64}, 99, "validation.loss", None))
        event = StepEnded(1, 1, 0.5)
        best = math.inf
        for _ in range(5):
            began = time.perf_counter()
            for _ in range(2000):
                consume(event)
            best = min(best, (time.perf_counter() - began) / 2000)
    assert best < 10e-6


@pytest.mark.parametrize("mode", ["plain", "live", "json", "quiet"])
def test_compiling_is_said_where_somebody_looks(
    run: RunDirectory, mode: Mode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path))
    out, err = Screen(), Screen()
    with show(mode, run, Terminal(out, err)) as consume:
        consume(RunStarted("digits", 1, 10, {"train": 64}, 99, "validation.loss", None))
        machine_code.announce("conv.unroll")
    machine_code.announce("conv.roll_up")
    said = "compiling kernels for this machine, once; dlrun warmup does it in advance: conv.unroll"
    assert (said in err.getvalue()) == (mode == "plain")
    assert (said in out.getvalue()) == (mode == "live")
    assert "conv.roll_up" not in out.getvalue() + err.getvalue()


def test_a_long_compilation_says_something_now_and_then(
    run: RunDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path))
    clock = iter([100.0, 104.0, 109.9, 110.1, 119.0, 121.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    err = io.StringIO()
    with show("plain", run, Terminal(Screen(), err)):
        for number in range(6):
            machine_code.announce(f"kernel {number}")
    assert [line[-1] for line in err.getvalue().splitlines()] == ["0", "3", "5"]
