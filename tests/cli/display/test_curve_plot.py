from __future__ import annotations

import math

import pytest

from dlrun.cli.display.curve_plot import curve_plot


def inside(lines: list[str]) -> list[str]:
    return [line.partition("|")[2] for line in lines[:-1]]


@pytest.mark.parametrize("width", [30, 60, 78])
@pytest.mark.parametrize("braille", [True, False])
def test_a_plot_fits(width: int, braille: bool) -> None:
    values = [math.sin(n / 30) for n in range(1000)]
    lines = curve_plot({"*": values}, width, 6, braille=braille)
    assert len(lines) == 7
    assert max(map(len, lines)) <= width
    assert ("*" in "".join(lines)) != braille
    assert lines[-1].split() == ["1", "epoch", "1000"]


def test_a_curve_goes_from_corner_to_corner_without_gaps() -> None:
    lines = inside(curve_plot({"A": [1.0, 0.0], "B": [0.0, 0.0]}, 40, 5))
    assert lines[0].startswith("A")
    assert lines[-1].startswith("B") and lines[-1].endswith("*")
    assert all("A" in line or "*" in line for line in lines)


def test_braille_has_the_dots_of_the_curve() -> None:
    (line,) = inside(curve_plot({"*": [0.0] * 16}, 17, 1))
    assert line == "\u2812" * 9  # both dots of the third row from below


def test_values_that_are_not_finite_leave_a_gap() -> None:
    (line,) = inside(curve_plot({"A": [1.0, 1.0, math.nan, 1.0, math.inf]}, 40, 1, braille=False))
    assert line.startswith("AA")
    assert " " in line and line.endswith("A")
    assert curve_plot({"A": [math.nan]}, 40) == ["no finite value"]
    assert curve_plot({"A": []}, 40) == ["no finite value"]


def test_the_axis_shows_the_ends_and_the_middle() -> None:
    lines = curve_plot({"A": [0.0, 2.0]}, 40, 5)
    assert [line.partition("|")[0].strip() for line in lines[:-1]] == [
        "2.0000",
        "",
        "1.0000",
        "",
        "0.0000",
    ]
    assert [line.partition("|")[0].strip() for line in curve_plot({"A": [3.0]}, 40, 5)[:-1]].count(
        "3.0000"
    ) == 1


@pytest.mark.parametrize("values", [[1e308, -1e308], [1e-300, 1e300], [5e-324, 5e-324]])
def test_extreme_values(values: list[float]) -> None:
    lines = curve_plot({"A": values}, 60, 6, braille=False)
    assert sum("A" in line for line in inside(lines)) in (1, 6)


def test_a_wide_range_is_logarithmic() -> None:
    lines = curve_plot({"A": [1.0, 10.0, 100.0]}, 60, 5)
    assert lines[-1].endswith("(log scale)")
    assert lines[2].split("|")[0].strip() == "10.0000"
