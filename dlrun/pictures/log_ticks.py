"""Rounded ticks for logarithmic axes: 1e-4, 3e-4, 1e-3."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

if TYPE_CHECKING:
    from matplotlib.axis import Axis

_IN_A_DECADE = ((1,), (1, 3), (1, 2, 5))
"""Ticks in a decade, the fewest first."""
_FEWEST, _MOST = 3, 7
"""How many ticks an axis should have."""


def log_ticks(low: float, high: float) -> list[float]:
    """Rounded positive numbers from ``low`` to ``high``, at least two unless both are equal."""
    found: list[float] = []
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for steps in _IN_A_DECADE:
        found = [
            each
            for exponent in range(first, last + 1)
            for step in steps
            if low * (1 - 1e-9) <= (each := float(f"{step}e{exponent}")) <= high * (1 + 1e-9)
        ]
        if len(found) >= _FEWEST:
            return found[:: math.ceil(len(found) / _MOST)]
    if len(found) >= 2 and high < 10 * low:
        return found
    places = MaxNLocator(_MOST - 2, steps=[1, 2, 5, 10]).tick_values(low, high)
    return [float(f"{each:.6g}") for each in places if low <= each <= high] or [low, high]


def number(value: float) -> str:
    """A tick as text: 0.03, 1, 250, 1e-4, 3e+06."""
    if value == 0 or 0.01 <= abs(value) < 1e5:
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
    digits, exponent = f"{value:.2e}".split("e")
    return f"{digits.rstrip('0').rstrip('.')}e{int(exponent)}"


def ruled(axis: Axis, values: Sequence[float]) -> None:
    """Make an axis logarithmic, with rounded ticks.

    Args:
        axis: x or y axis.
        values: that are drawn; all positive.
    """
    low, high = min(values), max(values)
    low, high = (low / 1.5, high * 1.5) if low == high else (low, high)
    margin = (high / low) ** 0.05
    limits = (low / margin, high * margin)
    if axis is axis.axes.xaxis:
        axis.axes.set_xscale("log")
        axis.axes.set_xlim(*limits)
    else:
        axis.axes.set_yscale("log")
        axis.axes.set_ylim(*limits)
    axis.set_major_locator(FixedLocator(log_ticks(*limits)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axis.set_minor_locator(NullLocator())
