"""All keys of a study as parallel axes, with one line per trial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from dlrun.pictures.log_ticks import log_ticks, number
from dlrun.pictures.study_points import BEST, Axis, Point, StudyPoints, seeds
from dlrun.pictures.style import framed, legend_above, scores_map
from dlrun.printable import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDE, _NARROW, _ALL = 1.45, 0.95, 8.2
"""Distance of the axes: for a few; the minimum; and the wanted width of all, in inches."""
_HIGH, _LEFT = 3.6, 0.7
_MANY = 50
"""With more trials, lines are fainter."""
_LETTER = 0.085
"""Approximate width of a character in inches."""
_CATEGORIES = 18
"""Up to this many categories have a name."""


def parallel_coordinates(study: StudyPoints) -> Figure:
    """The figure: an axis for each key and the score; better trials are darker and on top."""
    columns = len(study.axes) + 1
    step = max(_NARROW, min(_WIDE, _ALL / columns)) if columns > 2 else 2 * _WIDE
    what = "All keys together: a line per trial"
    size = (step * (columns - 0.1), _HIGH)
    figure, (axes,) = framed(
        what, study.which, size=size, lines=1, left=_LEFT, right=1.25, below=0.6
    )
    values = sorted(value for _, value in study.scored)
    norm = _norm(study, values)
    colors = scores_map(low_is_dark=study.sign > 0)
    score = Axis(study.score, "log" if study.is_wide() else "linear")
    ranges = [
        _range(axis, [p.settings.get(axis.key) for p, _ in study.scored]) for axis in study.axes
    ]
    ranges.append(_range(score, values))
    marked, faint = study.marked, 0.7 if len(values) <= _MANY else 0.45
    numbers = {point.number for point in marked}
    name = f"{study.marked_name} ({seeds(marked)})"
    ordered = sorted(
        study.scored, key=lambda each: (each[0].number in numbers, -study.sign * each[1])
    )
    for point, value in ordered:
        heights = _heights(point, value, study.axes, score, ranges)
        is_best = point.number in numbers
        axes.plot(
            range(columns),
            heights,
            color=BEST if is_best else colors(norm(value)),
            linewidth=(2.6 if len(marked) == 1 else 1.8) if is_best else 1.0,
            alpha=1.0 if is_best else faint,
            marker="o",
            clip_on=False,
            markersize=5 if is_best else 2.5,
            label=name if point.number == min(numbers, default=-1) else None,
        )
    letters = int(step / _LETTER)
    names = []
    for column, (axis, ends) in enumerate(zip([*study.axes, score], ranges, strict=True)):
        left_out = _rule(axes, column, axis, ends, letters - 2, study.is_whole(axis))
        note = f"\n{left_out} without name" if left_out else ""
        names.append(folded(axis.key, letters - 1) + note)
    axes.set_xticks(range(columns), names, fontsize=10, parse_math=False)
    axes.tick_params(axis="x", length=0)
    axes.set_yticks([])
    axes.set_xlim(-0.01, columns - 0.1)
    axes.set_ylim(-0.05, 1.05)
    axes.spines[:].set_visible(False)
    axes.grid(visible=False)
    legend_above(axes, 1)
    _color_key(figure, study, ScalarMappable(norm, colors), values)
    return figure


def _norm(study: StudyPoints, values: Sequence[float]) -> Normalize:
    """The range of colours; a trial that almost diverged must not compress that of all others."""
    middle = values[len(values) // 2] if values else 0.0
    ends = (values[0], middle) if study.sign > 0 else (middle, values[-1])
    if ends[0] == ends[1]:
        ends = (values[0], values[-1])
    if ends[0] == ends[1]:
        ends = (ends[0] - 0.5, ends[1] + 0.5)
    return Normalize(*ends, clip=True)


def _color_key(
    figure: Figure, study: StudyPoints, shades: ScalarMappable, values: Sequence[float]
) -> None:
    """Draw the bar of colours; its arrow is for scores that are worse than the median."""
    width, height = figure.get_size_inches()
    place = figure.add_axes(
        ((width - 1.1) / width, 0.9 / height, 0.16 / width, (_HIGH - 0.6) / height)
    )
    low, high = shades.get_clim()
    beyond = values[-1] > high if study.sign > 0 else values[0] < low
    extend = ("max" if study.sign > 0 else "min") if beyond else "neither"
    bar = figure.colorbar(shades, place, extend=extend, ticks=MaxNLocator(5))
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    bar.set_label(f"{shortened(study.score, 24)} ({study.better()})", fontsize=9)
    bar.ax.tick_params(labelsize=9)
    bar.outline.set_visible(False)


def _range(axis: Axis, values: Sequence[float | None]) -> tuple[float, float]:
    """The ends of an axis, in the unit of heights."""
    if axis.scale == "category":
        return (-0.5, len(axis.choices) - 0.5)
    numbers = [_number(axis, value) for value in values if value is not None]
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _number(axis: Axis, value: float) -> float:
    place = axis.place(value)
    return math.log10(place) if axis.scale == "log" else place


def _heights(
    point: Point,
    value: float,
    axes: Sequence[Axis],
    score: Axis,
    ranges: Sequence[tuple[float, float]],
) -> list[float]:
    """A height from 0 to 1 for each axis; NaN, a gap, if the trial does not use the key."""
    numbers = [
        _number(axis, point.settings[axis.key]) if axis.key in point.settings else math.nan
        for axis in axes
    ]
    return [
        (number - low) / (high - low)
        for number, (low, high) in zip([*numbers, _number(score, value)], ranges, strict=True)
    ]


def _rule(
    axes: Axes, column: int, axis: Axis, ends: tuple[float, float], room: int, whole: bool
) -> int:
    """Draw an axis with rounded ticks; returns how many categories have no name."""
    axes.axvline(column, 0.045, 0.955, color="0.35", linewidth=1.0, zorder=0)
    low, high = ends
    left_out = 0
    if axis.scale == "category":
        every = math.ceil(len(axis.choices) / _CATEGORIES)
        marks = [(float(place), text) for place, text in enumerate(axis.labels())][::every]
        left_out = len(axis.choices) - len(marks)
    elif axis.scale == "log":
        marks = [(math.log10(tick), number(tick)) for tick in log_ticks(10**low, 10**high)]
    else:
        ticks = MaxNLocator(5, integer=whole).tick_values(low, high)
        marks = [(tick, number(float(tick))) for tick in ticks if low <= tick <= high]
    for place, text in marks:
        axes.text(
            column + 0.05,
            (place - low) / (high - low),
            shortened(text, max(4, room)),
            fontsize=9.5,
            va="center",
            zorder=7,
            parse_math=False,
            bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 0.8},
        )
    return left_out


def folded(key: str, room: int) -> str:
    """A key on up to two lines, broken at a point."""
    if len(key) <= room or "." not in key:
        return shortened(key, room)
    dots = [place + 1 for place, letter in enumerate(key) if letter == "."]
    # Where both lines fit; otherwise at the last point, because a key's end tells more.
    at = next((dot for dot in dots if max(dot, len(key) - dot) <= room), dots[-1])
    return f"{shortened(key[:at], room)}\n{shortened(key[at:], room)}"
