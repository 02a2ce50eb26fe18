"""The trials of a study with several objectives, and their Pareto front."""

from __future__ import annotations

from itertools import combinations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dlrun.pictures.labels import label
from dlrun.pictures.log_ticks import ruled
from dlrun.pictures.study_points import BEST, PLAIN, Point, StudyPoints, seeds
from dlrun.pictures.style import framed, legend_above

_MOST = 3
"""Maximum number of panels in a row."""


def pareto_front(study: StudyPoints) -> Figure:
    """The figure: for every pair of objectives, a dot for each trial; the front has numbers.

    With more than three pairs, those of the first objective come first and three are drawn.
    """
    pairs = list(combinations(range(len(study.scores)), 2))
    completed = [point for point, _ in study.scored if point.status == "completed"]
    front = study.on_front()
    shown = pairs[:_MOST]
    what = "Pareto front of the objectives"
    if len(shown) < len(pairs):
        what += f", {len(pairs) - len(shown)} of {len(pairs)} pairs left out"
    size = (6.3, 3.6) if len(shown) == 1 else (2.75, 2.9)
    figure, panels = framed(
        what,
        study.which,
        panels=len(shown),
        size=size,
        lines=2 + any(point.uncertain for point in completed),
        left=0.95,
        below=0.75,
    )
    for axes, pair in zip(panels, shown, strict=True):
        _draw(axes, study, pair, completed, front)
    return figure


def _draw(
    axes: Axes, study: StudyPoints, pair: tuple[int, int], all_: list[Point], front: list[Point]
) -> None:
    x, y = pair
    for axis, objective in ((axes.xaxis, x), (axes.yaxis, y)):
        if study.spans_decades(objective):
            ruled(axis, study.extent(objective))
        else:
            axis.set_major_locator(MaxNLocator(5))
    rest = [point for point in all_ if point not in front]
    if rest:
        _dots(axes, rest, pair, PLAIN, 5, f"dominated ({seeds(rest)})")
    axes.margins(0.08)
    _dots(axes, front, pair, BEST, 7, None)
    texts = [(point.values[x], point.values[y], str(point.number)) for point in front]
    left_out = label(axes, texts, [(point.values[x], point.values[y]) for point in all_])
    note = f"{left_out} of {len(front)} without number" if left_out else "with number"
    axes.plot([], [], "o", color=BEST, markersize=7, label=f"Pareto front ({seeds(front)}), {note}")
    if any(point.uncertain for point in all_):
        axes.plot([], [], "o", color="0.3", mfc="white", label="open: may or may not be on it")
    axes.set_xlabel(f"{study.scores[x]}\n({study.better(x)})")
    axes.set_ylabel(f"{study.scores[y]}\n({study.better(y)})")
    legend_above(axes, 1)


def _dots(
    axes: Axes,
    points: list[Point],
    pair: tuple[int, int],
    color: str,
    size: float,
    named: str | None,
) -> None:
    across, up = ([point.values[each] for point in points] for each in pair)
    alpha = 0.8 if color == PLAIN else 1.0
    axes.plot(across, up, "o", color=color, markersize=size, alpha=alpha, label=named)
    unsure = [point.values for point in points if point.uncertain]
    across, up = ([values[each] for values in unsure] for each in pair)
    axes.plot(across, up, "o", color=color, mfc="white", markersize=size)
    for point in points:
        place = (point.values[pair[0]], point.values[pair[1]])
        for objective, axis in ((pair[0], 0), (pair[1], 1)):
            ends = point.interval(objective)
            if ends is not None:
                line = [ends, (place[1],) * 2] if axis == 0 else [(place[0],) * 2, ends]
                axes.plot(*line, color=color, linewidth=1, alpha=0.6)
