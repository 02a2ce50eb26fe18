"""The learning curves of all trials of a study."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dlrun.intervals import Scale, estimate
from dlrun.pictures.log_ticks import ruled
from dlrun.pictures.study_points import BEST, FAINT, PLAIN, Point, StudyPoints
from dlrun.pictures.style import framed, legend_above, rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def trial_curves(study: StudyPoints) -> Figure:
    """The figure: the score by epoch, a line per trial, the best one in another colour.

    With repeats, a line is the mean of the seeds, up to the end of the shortest run.
    """
    best = study.best
    points = sorted((each for each in study.points if any(each.curves)), key=lambda p: p is best)
    kinds = len({point.status for point in points if point is not best})
    what = "Learning curves of all trials"
    figure, (axes,) = framed(what, study.which, lines=rows(kinds + 1, 2))
    drawn: list[float] = []
    named = set[str]()
    for point in points:
        curve = point.mean_curve
        drawn += [value for value in curve if math.isfinite(value)]
        is_best = point is best
        seeds = f"mean of {len(point.curves)} seeds" if len(point.curves) > 1 else "one seed"
        label = study.best_name if is_best else f"{point.status} ({seeds})"
        if is_best:
            label += f" ({seeds}{_band(axes, point, study.bounds)})"
        axes.plot(
            range(1, len(curve) + 1),
            curve,
            color=BEST if is_best else PLAIN if point.status == "completed" else FAINT,
            linewidth=2.4 if is_best else 0.9,
            alpha=1.0 if is_best else 0.55,
            marker="o" if len(curve) == 1 else None,
            markersize=4,
            label=None if label in named else label,
        )
        named.add(label)
    if drawn and min(drawn) > 0 and max(drawn) >= 100 * min(drawn):
        ruled(axes.yaxis, drawn)
    if not drawn:
        axes.text(0.5, 0.5, "no epoch has this score", transform=axes.transAxes, ha="center")
    axes.set_xlabel("epoch")
    axes.set_ylabel(f"{study.score} ({study.better()})")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    legend_above(axes, 2)
    return figure


def _band(axes: Axes, point: Point, bounds: Scale) -> str:
    """Draw the interval of a trial's mean at each epoch; returns its name in the legend."""
    ends = []
    for epoch, values in enumerate(zip(*point.curves, strict=False), start=1):
        if all(map(math.isfinite, values)):
            found = estimate(values, of=bounds)
            if found.low is not None and found.high is not None:
                ends.append((epoch, found.low, found.high))
    if not ends:
        return ""
    epochs, low, high = zip(*ends, strict=True)
    axes.fill_between(epochs, low, high, color=BEST, alpha=0.2, linewidth=0)
    return ", 95 % interval"
