from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from dlrun.pictures.log_ticks import log_ticks, number, ruled


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (1e-4, 1e-1, ["1e-4", "1e-3", "0.01", "0.1"]),
        (8e-5, 2e-3, ["1e-4", "3e-4", "1e-3"]),
        (1.38e-4, 9e-4, ["2e-4", "5e-4"]),
        (0.11, 0.19, ["0.12", "0.14", "0.16", "0.18"]),
        (1e-9, 1e12, ["1e-9", "1e-5", "0.1", "1000", "1e7", "1e11"]),
        (16, 256, ["20", "50", "100", "200"]),
    ],
)
def test_ticks_are_rounded(low: float, high: float, texts: list[str]) -> None:
    found = log_ticks(low, high)
    assert [number(tick) for tick in found] == texts
    assert all(low <= tick <= high for tick in found)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.03, "0.03"), (0.003, "3e-3"), (250, "250"), (25000, "25000"), (-2.5e6, "-2.5e6")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize("values", [[3.0], [1e-4, 1e-2]])
def test_an_axis_contains_its_values(values: list[float]) -> None:
    axes = Figure().add_subplot()
    ruled(axes.xaxis, values)
    ruled(axes.yaxis, values)
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    for low, high in (axes.get_xlim(), axes.get_ylim()):
        assert low < min(values) <= max(values) < high
