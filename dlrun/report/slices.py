"""The score of a study against each key of its space, one at a time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from dlrun.report.study_points import BEST, FAINT, PLAIN, Axis, StudyPoints

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDE = 3
"""Panels in a row, at most."""
_GOLDEN = 0.618034
"""Multiples of it, without their whole part, are spread evenly."""
_FEW_DECADES = 30
"""A logarithmic axis from one end to so many times that also has ticks at 2 and 5."""
_SPREAD = 0.3
"""Width of the cloud above a category."""


def slices(study: StudyPoints) -> Figure:
    """The figure: a panel a key, a dot a trial, the best one in another colour."""
    wide = min(_WIDE, len(study.axes))
    high = math.ceil(len(study.axes) / wide)
    figure = Figure(figsize=(4.0 * wide, 0.5 + 3.3 * high), dpi=120, layout="constrained")
    figure.suptitle(study.title, fontsize="large")
    first: Axes | None = None
    for number, axis in enumerate(study.axes):
        axes = figure.add_subplot(high, wide, number + 1, sharey=first)
        _panel(axes, study, axis)
        if first is None:
            first = axes
            if study.is_wide():
                axes.set_yscale("log")
        if number % wide == 0:
            axes.set_ylabel(study.score)
    return figure


def _panel(axes: Axes, study: StudyPoints, axis: Axis) -> None:
    best, places = study.best, []
    for point, value in sorted(study.scored, key=lambda each: each[0] is best):
        if axis.key not in point.settings:
            continue
        place = axis.place(point.settings[axis.key])
        places.append(place)
        if axis.scale == "category":
            place += _SPREAD * (point.number * _GOLDEN % 1 - 0.5)
        color = PLAIN if point.status == "completed" else FAINT
        is_best = point is best
        axes.plot(
            place,
            value,
            "v" if point.status == "pruned" else "o",
            color=BEST if is_best else color,
            markersize=8 if is_best else 5,
            alpha=1.0 if is_best else 0.8,
        )
    if axis.scale == "log" and places:
        axes.set_xscale("log")
        if max(places) < _FEW_DECADES * min(places):
            axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
    elif axis.scale == "category":
        axes.set_xticks(range(len(axis.choices)), axis.labels(), parse_math=False)
        axes.set_xlim(-0.5, len(axis.choices) - 0.5)
        if sum(map(len, axis.labels())) > 34:
            axes.tick_params(axis="x", labelrotation=90)
    elif all(place.is_integer() for place in places):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set_xlabel(axis.key)
    axes.grid(color="0.88", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
