"""The learning curves of all trials of a study."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dlrun.intervals import Scale, estimate
from dlrun.pictures.focus import beyond, focus
from dlrun.pictures.log_ticks import ruled
from dlrun.pictures.study_points import BEST, FAINT, PLAIN, Point, StudyPoints
from dlrun.pictures.style import framed, legend_above, rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def trial_curves(study: StudyPoints) -> Figure:
    """The figure: the score by epoch, a line per trial, the marked ones in another colour.

    With repeats, a line is the mean of the seeds, up to the end of the shortest run.
    """
    numbers = {point.number for point in study.marked}
    drawn_ones = (each for each in study.points if any(each.curves))
    points = sorted(drawn_ones, key=lambda point: point.number in numbers)
    kinds = len({point.status for point in points if point.number not in numbers})
    what = "Learning curves of all trials"
    figure, (axes,) = framed(what, study.which, lines=rows(kinds + 1, 2))
    drawn: list[float] = []
    named = set[str]()
    for point in points:
        curve = point.mean_curve
        drawn += [value for value in curve if math.isfinite(value)]
        is_best = point.number in numbers
        seeds = f"mean of {len(point.curves)} seeds" if len(point.curves) > 1 else "one seed"
        label = f"{study.marked_name if is_best else point.status} ({seeds})"
        if is_best and len(numbers) == 1:
            label = f"{label[:-1]}{_band(axes, point, study.bounds)})"
        axes.plot(
            range(1, len(curve) + 1),
            curve,
            color=BEST if is_best else PLAIN if point.status == "completed" else FAINT,
            linewidth=(2.4 if len(numbers) == 1 else 1.6) if is_best else 0.9,
            alpha=1.0 if is_best else 0.55,
            marker="o" if len(curve) == 1 else None,
            markersize=4,
            label=None if label in named else label,
        )
        named.add(label)
    log = bool(drawn) and min(drawn) > 0 and max(drawn) >= 100 * min(drawn)
    ends = focus(drawn, log=log)
    shown = [value for value in drawn if ends is None or ends[0] <= value <= ends[1]]
    if log:
        ruled(axes.yaxis, shown)
    elif ends is not None:
        axes.set_ylim(*ends)
    if not drawn:
        axes.text(0.5, 0.5, "no epoch has this score", transform=axes.transAxes, ha="center")
    note = beyond(drawn, ends)
    axes.set_xlabel(f"epoch ({note})" if note else "epoch")
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
