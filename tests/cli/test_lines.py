from __future__ import annotations

import math
from pathlib import Path

import pytest

from dlrun.cli.lines import Lines, count, duration, number, rate, size
from dlrun.runs.ending import Ending
from dlrun.training.events import EpochEnded, RunEnded, RunStarted, StepEnded

STARTED = RunStarted("digits", 60, 18, {"train": 1149, "test": 1}, 12345, "validation.loss", 8)
ROW = {
    "epoch": 3,
    "step": 54,
    "seconds": 0.81,
    "lr": 0.001,
    "train.loss": 0.12344,
    "validation.loss": 0.1301,
    "validation.accuracy": 0.9612,
}


def test_the_lines_of_a_run() -> None:
    lines = Lines(Path("runs/digits/1"))
    assert lines(STARTED) == [
        "digits  12,345 parameters  samples: train 1,149, test 1",
        "60 epochs of 18 steps  best by validation.loss  patience 8",
        "run directory  runs/digits/1",
    ]
    assert lines(StepEnded(1, 1, 0.5)) == []
    scores = "train.loss 0.1234  validation.loss 0.1301  validation.accuracy 0.9612"
    assert lines(EpochEnded(3, ROW, True, 3, 0.1301, 8)) == [
        f"epoch  3/60  {scores}  lr 0.001  0.8s  best"
    ]
    assert lines(EpochEnded(3, ROW, False, 2, 0.1299, 7)) == [
        f"epoch  3/60  {scores}  lr 0.001  0.8s"
    ]
    assert lines(
        RunEnded(
            "completed", Ending("epochs", 1), "all epochs are done", 1, 2, {"test.loss": 0.5}, 61.0
        )
    ) == [
        "completed after 1 epoch and 1m01s: all epochs are done",
        "best epoch 2  validation.loss 0.1299",
        "final  test.loss 0.5000",
        "run directory  runs/digits/1",
    ]


def test_a_run_that_ends_before_its_first_epoch() -> None:
    lines = Lines(Path("r"))
    lines(STARTED)
    assert lines(
        RunEnded("diverged", Ending("diverged"), "the loss became nan", 0, 0, {}, 0.5)
    ) == [
        "diverged after 0 epochs and 0.5s: the loss became nan",
        "run directory  r",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0000"),
        (0.001, "0.0010"),
        (0.00012345, "1.234e-04"),
        (-12.5, "-12.5000"),
        (123456.0, "1.235e+05"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_number(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(("value", "text"), [(1e-3, "0.001"), (3e-7, "3e-07"), (0.05, "0.05")])
def test_rate(value: float, text: str) -> None:
    assert rate(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0s"), (59.94, "59.9s"), (59.99, "1m00s"), (3599.4, "59m59s"), (3599.6, "1h00m"),
     (7620, "2h07m"), (360000, "100h00m")],
)  # fmt: skip
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_count() -> None:
    assert [count(n, "step") for n in (0, 1, 2000)] == ["0 steps", "1 step", "2,000 steps"]


@pytest.mark.parametrize(
    ("n", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (20 * 2**20, "20 MiB"), (3 * 2**30, "3 GiB"),
     (2**20 - 1, "1024 KiB"), (2**42, "4096 GiB")],
)  # fmt: skip
def test_size(n: int, text: str) -> None:
    assert size(n) == text
