"""The learning curves of all trials of a study."""

from __future__ import annotations

import math

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dlrun.report.study_points import BEST, FAINT, PLAIN, StudyPoints


def trial_curves(study: StudyPoints) -> Figure:
    """The figure: the score by epoch, a line a trial, the best one in another colour."""
    figure = Figure(figsize=(7.2, 4.2), dpi=120, layout="constrained")
    figure.suptitle(study.title, fontsize="large")
    axes = figure.add_subplot()
    best, named = study.best, set[str]()
    for point in sorted(study.points, key=lambda each: each is best):
        curve = [value if math.isfinite(value) else math.nan for value in point.curve]
        is_best = point is best
        label = f"best: trial {point.number}" if is_best else point.status
        color = PLAIN if point.status == "completed" else FAINT
        axes.plot(
            range(1, len(curve) + 1),
            curve,
            color=BEST if is_best else color,
            linewidth=2.4 if is_best else 0.9,
            alpha=1.0 if is_best else 0.55,
            marker="o" if len(curve) == 1 else None,
            markersize=4,
            label=None if label in named else label,
        )
        named.add(label)
    drawn = [value for point in study.points for value in point.curve if math.isfinite(value)]
    if drawn and min(drawn) > 0 and max(drawn) >= 100 * min(drawn):
        axes.set_yscale("log")
    axes.set_xlabel("epoch")
    axes.set_ylabel(study.score)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(color="0.88", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return figure
