"""The curves of several runs over one another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dlrun.pictures.drawing import drawing
from dlrun.pictures.plots import save

_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
"""Okabe & Ito's palette ("Color universal design", 2008), without its yellow."""
_LINES = ("-", "--", ":", "-.")
_NAMED = 20
"""Groups in the legend, at most."""


@dataclass(frozen=True, slots=True)
class ComparedCurve:
    """A curve.

    Attributes:
        group: number of its group, from 0; curves of a group have one colour.
        label: of the group, for the legend.
        values: by epoch; NaN and infinite values leave a gap.
    """

    group: int
    label: str
    values: Sequence[float]


def draw_compared(curves: Sequence[ComparedCurve], score: str, path: Path) -> Path:
    """Write the curves as a picture in PNG.

    Args:
        curves: at least one with a finite value.
        score: the title of the axis.
        path: the file, which is replaced.

    Raises:
        DataError: it cannot be written.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    with drawing():
        figure = Figure(figsize=(7.2, 4.2), dpi=120, layout="constrained")
        axes = figure.add_subplot()
        named = set[int]()
        for curve in curves:
            number, single = curve.group, len(curve.values) == 1
            first = number not in named and len(named) < _NAMED
            named.add(number)
            axes.plot(
                range(1, len(curve.values) + 1),
                [value if math.isfinite(value) else math.nan for value in curve.values],
                color=_COLORS[number % len(_COLORS)],
                linestyle=_LINES[number // len(_COLORS) % len(_LINES)],
                linewidth=1.5,
                marker="o" if single else None,
                markersize=4,
                label=curve.label if first else "_",
            )
        drawn = [value for curve in curves for value in curve.values if math.isfinite(value)]
        if drawn and min(drawn) > 0 and max(drawn) >= 100 * min(drawn):
            axes.set_yscale("log")
        axes.set_xlabel("epoch")
        axes.set_ylabel(score, parse_math=False)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.grid(color="0.88", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        for text in axes.legend(frameon=False).get_texts():
            text.set_parse_math(False)
        return save(figure, path)
