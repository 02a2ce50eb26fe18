"""The trials of a study of several objectives, and those that no other beats in all of them."""

from __future__ import annotations

from itertools import combinations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlrun.report.study_points import BEST, PLAIN, Point, StudyPoints

_LABELLED = 20
"""Trials of the front that are named, at most."""


def pareto_front(study: StudyPoints) -> Figure:
    """The figure: a dot a trial for every pair of objectives, the Pareto front with numbers."""
    pairs = list(combinations(range(len(study.scores)), 2))
    figure = Figure(figsize=(2.4 + 4.8 * len(pairs), 4.4), dpi=120, layout="constrained")
    figure.suptitle(study.title, fontsize="large")
    completed = [point for point, _ in study.scored if point.status == "completed"]
    front = [one for one in completed if not any(_beats(study, other, one) for other in completed)]
    for place, pair in enumerate(pairs, start=1):
        _draw(figure.add_subplot(1, len(pairs), place), study, pair, completed, front)
    return figure


def _beats(study: StudyPoints, one: Point, other: Point) -> bool:
    pairs = [(s * a, s * b) for s, a, b in zip(study.signs, one.values, other.values, strict=True)]
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


def _draw(
    axes: Axes, study: StudyPoints, pair: tuple[int, int], all_: list[Point], front: list[Point]
) -> None:
    for points, color, label in ((all_, PLAIN, "dominated"), (front, BEST, "Pareto front")):
        places = [[point.values[each] for point in points] for each in pair]
        axes.plot(*places, "o", color=color, markersize=5, alpha=0.8, label=label)
    for point in front[:_LABELLED]:
        place = point.values[pair[0]], point.values[pair[1]]
        axes.annotate(
            str(point.number), place, (4, 4), textcoords="offset points", fontsize="small"
        )
    if study.spans_decades(pair[0]):
        axes.set_xscale("log")
    if study.spans_decades(pair[1]):
        axes.set_yscale("log")
    axes.set_xlabel(study.scores[pair[0]])
    axes.set_ylabel(study.scores[pair[1]])
    axes.grid(color="0.88", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
