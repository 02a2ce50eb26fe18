"""The score of a study by each key of its search space, in separate panels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dlrun.pictures.log_ticks import ruled
from dlrun.pictures.study_points import Axis, Point, StudyPoints
from dlrun.pictures.style import ENTRY, legend_above, rows, tidy, titled
from dlrun.pictures.trial_dots import draw_dots
from dlrun.printable import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_IN_A_ROW = 3
"""Maximum number of panels per row."""
_WIDE, _HIGH = 2.55, 2.4
"""Size of a panel in inches."""
_LEFT, _BETWEEN, _ABOVE, _BELOW = 1.0, 0.25, 0.62, 0.55
"""Room at the left, between panels, above all and below each row, in inches."""
_LETTER = 0.078
"""Approximate width of a character in inches."""
_NAME = 16
"""Maximum length of the name of a category."""
_CATEGORIES = 16
"""Up to this many categories have a name."""
_GOLDEN = 0.618034
"""The golden ratio; the fractional parts of its multiples are spread evenly."""
_SPREAD = 0.3
"""Width of the cloud of dots of a category."""


def slices(study: StudyPoints) -> Figure:
    """The figure: one panel per key with a dot for each trial, the best in another colour."""
    wide = min(_IN_A_ROW, len(study.axes))
    grid = [study.axes[first : first + wide] for first in range(0, len(study.axes), wide)]
    below = [_BELOW + max(map(_turned_length, line)) for line in grid]
    single = wide == 1
    panel = 5.3 if single else _WIDE
    width = _LEFT + wide * (panel + _BETWEEN)
    above = _ABOVE + ENTRY * rows(study.kinds + 1, 2)
    height = above + len(grid) * _HIGH + sum(below) + 0.1 * len(grid)
    figure = Figure(figsize=(width, height), dpi=120)
    titled(figure, "Score by each key", study.which)
    top = height - above
    first: Axes | None = None
    for line, room in zip(grid, below, strict=True):
        for place, axis in enumerate(line):
            left = (_LEFT + place * (panel + _BETWEEN)) / width
            shape = (panel / width, _HIGH / height)
            axes = tidy(figure.add_axes((left, (top - _HIGH) / height, *shape), sharey=first))
            _panel(axes, study, axis, int(panel / _LETTER))
            if first is None:
                first = axes
                legend_above(axes, 2)
            if place == 0:
                axes.set_ylabel(f"{study.score}\n({study.better()})")
            else:
                axes.tick_params(axis="y", labelleft=False)
        top -= _HIGH + room + 0.1
    if study.is_wide():
        assert first is not None
        for each in figure.axes:
            ruled(each.yaxis, study.extent(0))
    return figure


def _turned_length(axis: Axis) -> float:
    """Room in inches for the names of categories that do not fit next to each other."""
    if not _is_turned(axis):
        return 0.0
    return _LETTER * max(min(_NAME, len(label)) for label in axis.labels())


def _is_turned(axis: Axis) -> bool:
    longest = max((min(_NAME, len(label)) for label in axis.labels()), default=0)
    return axis.scale == "category" and _LETTER * (longest + 1) * len(axis.choices) > _WIDE


def _panel(axes: Axes, study: StudyPoints, axis: Axis, room: int) -> None:
    def place(point: Point) -> float:
        if axis.key not in point.settings:
            return math.nan  # is not drawn
        found = axis.place(point.settings[axis.key])
        if axis.scale == "category":
            found += _SPREAD * (point.number * _GOLDEN % 1 - 0.5)
        return found

    draw_dots(axes, study, place)
    places = [each for point, _ in study.scored if not math.isnan(each := place(point))]
    key = axis.key
    if axis.scale == "log" and places:
        ruled(axes.xaxis, places)
    elif axis.scale == "category":
        key += _name_categories(axes, axis)
    elif all(each.is_integer() for each in places):
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    else:
        axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlabel(shortened(key, room), parse_math=False)


def _name_categories(axes: Axes, axis: Axis) -> str:
    """Name the categories, as many as fit; returns a remark on those left out."""
    every = math.ceil(len(axis.choices) / _CATEGORIES)
    ticks = list(range(0, len(axis.choices), every))
    labels = [shortened(axis.labels()[tick], _NAME) for tick in ticks]
    axes.set_xticks(ticks, labels, parse_math=False)
    axes.set_xlim(-0.5, len(axis.choices) - 0.5)
    if _is_turned(axis):
        axes.tick_params(axis="x", labelrotation=90)
    left_out = len(axis.choices) - len(ticks)
    return f" ({left_out} without name)" if left_out else ""
