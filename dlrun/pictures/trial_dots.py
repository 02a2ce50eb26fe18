"""Trials as dots, with the intervals of their values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dlrun.pictures.study_points import BEST, STATUSES, Point, StudyPoints, seeds

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_dots(axes: Axes, study: StudyPoints, place: Callable[[Point], float]) -> None:
    """Draw each scored trial: colour and marker by status, the marked ones larger on top.

    Args:
        axes: the vertical axis is the first objective.
        study: the trials.
        place: the position of a trial on the horizontal axis.
    """
    marked = study.marked
    others = {point.number for point, _ in study.scored} - {point.number for point in marked}
    for status, color, marker in STATUSES:
        found = [(p, v) for p, v in study.scored if p.status == status and p.number in others]
        if found:
            axes.plot(
                [place(point) for point, _ in found],
                [value for _, value in found],
                marker,
                color=color,
                markersize=5,
                alpha=0.8,
                label=f"{status} ({seeds([point for point, _ in found])})",
            )
            draw_intervals(axes, [point for point, _ in found], place, color)
    if marked:
        axes.plot(
            [place(point) for point in marked],
            [point.values[0] for point in marked],
            "o",
            color=BEST,
            markersize=8 if len(marked) == 1 else 6.5,
            label=f"{study.marked_name} ({seeds(marked)})",
            zorder=6,
        )
        draw_intervals(axes, marked, place, BEST)


def draw_intervals(
    axes: Axes, points: list[Point], place: Callable[[Point], float], color: str
) -> None:
    """Draw the interval of each trial that has one, as a vertical line."""
    for point in points:
        ends = point.interval(0)
        if ends is not None:
            axes.plot([place(point)] * 2, ends, color=color, linewidth=1, alpha=0.6)
