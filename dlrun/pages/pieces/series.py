"""The values of a chart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Numbers = Sequence[float | None]
Style = Literal["line", "dashed", "dotted", "step", "points"]

_DIGITS = 6
"""Significant digits of the numbers in a chart."""


@dataclass(frozen=True, slots=True)
class Series:
    """Values of a chart; None, NaN and infinities leave a gap.

    Attributes:
        name: shown in the legend.
        x, y: the values, of one length.
        color: one of the page's colours: ``c0`` to ``c7``, ``best``, ``faint`` or ``ink-soft``.
        style: how it is drawn.
        marker: drawn at each point: dot, square, triangle or cross; empty for none, which a
            series of points draws as dots.
        text: the hint at each point; empty for the name.
        group: series of one group have one entry in the legend; empty for a separate entry.
        quiet: whether it has no hints, as a line for orientation.
        width, alpha, size: of the line in pixels, its opacity, radius of the points in pixels.
    """

    name: str
    x: Numbers
    y: Numbers
    color: str = "c0"
    style: Style = "line"
    marker: str = ""
    text: Sequence[str] = ()
    group: str = ""
    quiet: bool = False
    width: float = 2.0
    alpha: float = 1.0
    size: float = 3.0

    def data(self) -> dict[str, Any]:
        """The series as plain data."""
        return {
            "name": self.name,
            "x": rounded(self.x),
            "y": rounded(self.y),
            "color": self.color,
            "style": self.style,
            "marker": self.marker or None,
            "text": self.text or None,
            "group": self.group or None,
            "quiet": self.quiet,
            "width": self.width,
            "alpha": self.alpha,
            "size": self.size,
        }


def needs_log(values: Numbers) -> bool:
    """Whether values are all positive and span at least two decades."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    return bool(known) and min(known) > 0 and max(known) >= 100 * min(known)


def rounded(values: Numbers) -> list[float | None]:
    """The values with as many digits as a chart can show; None if they are not finite."""
    return [
        None if value is None or not math.isfinite(value) else _round(float(value))
        for value in values
    ]


def _round(value: float) -> float:
    short = float(f"{value:.{_DIGITS}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short
