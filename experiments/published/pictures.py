"""Published and own results side by side, one row for each training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlrun.intervals import estimate
from dlrun.pictures.palette import COLORS
from dlrun.pictures.style import framed, legend_above


@dataclass(frozen=True, slots=True)
class Row:
    """Results of one training over seeds.

    Attributes:
        label: what is trained.
        theirs: published results, or those of the published program.
        ours: results of dlrun.
        documented: a published single result; None if there is none.
    """

    label: str
    theirs: Sequence[float]
    ours: Sequence[float]
    documented: float | None = None


def side_by_side(rows: Sequence[Row], what: str, which: str, axis: str, theirs: str) -> Figure:
    """Dots for single results, and a mark with a line for the mean and its 95 % interval.

    Args:
        rows: from top to bottom.
        what: the picture shows.
        which: data and seeds.
        axis: label of the values, with their unit.
        theirs: name of the published side.
    """
    height = 0.62 * len(rows) + 0.3
    documented = any(row.documented is not None for row in rows)
    figure, (axes,) = framed(
        what, which, size=(5.4, height), lines=2 if documented else 1, left=1.9
    )
    for place, row in enumerate(rows):
        first = place == 0
        _side(axes, place - 0.16, row.theirs, COLORS[1], "s", theirs if first else None)
        _side(axes, place + 0.16, row.ours, COLORS[0], "o", "dlrun" if first else None)
        if row.documented is not None:
            label = "documented (seed 0)" if first else None
            axes.plot(row.documented, place, "D", color=COLORS[-1], ms=6, mfc="none", label=label)
    axes.set_yticks(range(len(rows)), [row.label for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(left=0.0)
    axes.set_xlabel(axis)
    legend_above(axes, 2)
    return figure


def _side(
    axes: Axes, place: float, values: Sequence[float], color: str, mark: str, label: str | None
) -> None:
    """One side of a row: its dots, its mean and its interval."""
    spread = np.linspace(-0.07, 0.07, len(values))
    axes.plot(values, place + spread, mark, color=color, ms=4, alpha=0.45, mew=0, clip_on=False)
    mean = estimate(values)
    if mean.low is not None and mean.high is not None:
        axes.plot([mean.low, mean.high], [place, place], color=color, lw=2)
    name = None if label is None else f"{label}: mean, 95 % interval"
    axes.plot(mean.mean, place, mark, color=color, ms=7, mec="white", label=name, clip_on=False)
