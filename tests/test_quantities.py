from __future__ import annotations

import math

import pytest

from dlrun.quantities import count, count_each, duration, number, numbered, rate, size


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


def test_count_each() -> None:
    assert count_each(2, "thread", 3) == "2 threads each"
    assert count_each(2, "seed", None) == "2 seeds each"
    assert count_each(1, "thread", 1) == "1 thread"


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


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([3], "trial 3"),
        ([0, 1], "trials 0, 1"),
        ([1, 2, 3], "trials 1 to 3"),
        ([0, 2, 5, 6, 7, 8, 11, 12], "trials 0, 2, 5 to 8, 11, 12"),
    ],
)
def test_numbered(numbers: list[int], text: str) -> None:
    assert numbered(numbers, "trial") == text


def test_count() -> None:
    assert [count(n, "step") for n in (0, 1, 2000)] == ["0 steps", "1 step", "2,000 steps"]


@pytest.mark.parametrize(
    ("n", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (20 * 2**20, "20 MiB"), (3 * 2**30, "3 GiB"),
     (2**20 - 1, "1024 KiB"), (2**42, "4096 GiB")],
)  # fmt: skip
def test_size(n: int, text: str) -> None:
    assert size(n) == text
