"""All keys of a study side by side, a line a trial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib import colormaps
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from dlrun.report.study_points import BEST, Axis, Point, StudyPoints

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TICKS = 5


def parallel_coordinates(study: StudyPoints) -> Figure:
    """The figure: an axis a key, the score as the last one, better trials darker and on top."""
    columns = len(study.axes) + 1
    figure = Figure(figsize=(2.0 + 1.7 * columns, 4.6), dpi=120, layout="constrained")
    figure.suptitle(study.title, fontsize="large")
    axes = figure.add_subplot()
    values = sorted(value for _, value in study.scored)
    # A trial that diverged, or nearly, must not press all others into a corner.
    middle = values[len(values) // 2] if values else 0.0
    ends = (values[0], middle) if study.sign > 0 else (middle, values[-1])
    ends = (values[0], values[-1]) if ends[0] == ends[1] else ends
    norm = Normalize(*ends, clip=True)
    colors = colormaps["viridis_r" if study.sign < 0 else "viridis"]
    score = Axis(study.score, "log" if study.is_wide() else "linear")
    ranges = [
        _range(axis, [p.settings.get(axis.key) for p, _ in study.scored]) for axis in study.axes
    ]
    ranges.append(_range(score, values))
    best = study.best
    for point, value in sorted(study.scored, key=lambda each: -study.sign * each[1]):
        heights = _heights(point, value, study.axes, score, ranges)
        is_best = point is best
        axes.plot(
            range(columns),
            heights,
            color=BEST if is_best else colors(norm(value)),
            linewidth=2.6 if is_best else 1.0,
            alpha=1.0 if is_best else 0.7,
            marker="o",
            markersize=5 if is_best else 2.5,
        )
    for column, (axis, ends) in enumerate(zip([*study.axes, score], ranges, strict=True)):
        _rule(axes, column, axis, ends)
    axes.set_xticks(range(columns), [axis.key for axis in study.axes] + [study.score])
    if max(len(axis.key) for axis in [*study.axes, score]) > 16:
        axes.tick_params(axis="x", labelrotation=20)
    axes.set_yticks([])
    axes.set_xlim(-0.35, columns - 0.45)
    axes.set_ylim(-0.05, 1.05)
    axes.spines[:].set_visible(False)
    return figure


def _range(axis: Axis, values: Sequence[float | None]) -> tuple[float, float]:
    """The ends of an axis, as the numbers that heights go by."""
    if axis.scale == "category":
        return (-0.5, len(axis.choices) - 0.5)
    found = [_number(axis, value) for value in values if value is not None]
    low, high = min(found, default=0.0), max(found, default=1.0)
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
    """A height from 0 to 1 an axis; NaN, a gap, where the key does not count."""
    numbers = [
        _number(axis, point.settings[axis.key]) if axis.key in point.settings else math.nan
        for axis in axes
    ]
    return [
        (number - low) / (high - low)
        for number, (low, high) in zip([*numbers, _number(score, value)], ranges, strict=True)
    ]


def _rule(axes: Axes, column: int, axis: Axis, ends: tuple[float, float]) -> None:
    axes.axvline(column, color="0.35", linewidth=1.0, zorder=0)
    if axis.scale == "category":
        marks = [(float(number), label) for number, label in enumerate(axis.labels())]
    else:
        low, high = ends
        places = [low + (high - low) * step / (_TICKS - 1) for step in range(_TICKS)]
        marks = [(p, f"{10**p if axis.scale == 'log' else p:.3g}") for p in places]
    for place, text in marks:
        height = (place - ends[0]) / (ends[1] - ends[0])
        axes.text(
            column + 0.04,
            height,
            text,
            fontsize="small",
            va="center",
            parse_math=False,
            bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.8},
        )
