"""Learning curves of several runs over one another."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dlrun.pages.pieces.chart import Axis, Chart
from dlrun.pages.pieces.series import Series, Style, needs_log
from dlrun.summaries.run_curves import Columns

_EPOCHS = 300
"""Maximum number of points of a curve."""
_COLORS = 8


def curve_scores(curves: Sequence[tuple[str, Columns]]) -> list[str]:
    """The scores on the validation set of some runs; without any, the training loss.

    Args:
        curves: names of the runs, with their columns.
    """
    names = dict.fromkeys(key for _, one in curves for key in one)
    found = [name for name in names if name.startswith("validation.")]
    return found or [name for name in names if name == "train.loss"]


def overlay(anchor: str, score: str, curves: Sequence[tuple[str, Columns]], detail: str) -> Chart:
    """A chart with one line per run that has the score.

    Args:
        anchor: the first part of its ID in the page, before the score.
        score: a column.
        curves: names of the runs, with their columns.
        detail: the line below its title.
    """
    series = []
    for place, (run, columns) in enumerate(curves):
        if score not in columns or "epoch" not in columns:
            continue
        step = math.ceil(len(columns["epoch"]) / _EPOCHS) or 1
        x, y = columns["epoch"][::step], columns[score][::step]
        style: Style = "line" if place < _COLORS else "dashed"
        marker = "dot" if len(x) == 1 else ""
        series.append(Series(run, x, y, f"c{place % _COLORS}", style, marker=marker))
    y_axis = Axis(score, needs_log([value for each in series for value in each.y]))
    x_axis = Axis("epoch", integer=True)
    return Chart(f"{anchor}-{score}", score, x_axis, y_axis, series, {}, detail)
