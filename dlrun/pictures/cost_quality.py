"""The score of a study's trials against their cost."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from matplotlib.figure import Figure

from dlrun.pictures.labels import label
from dlrun.pictures.log_ticks import ruled
from dlrun.pictures.study_points import StudyPoints
from dlrun.pictures.style import framed, legend_above, rows
from dlrun.pictures.trial_dots import draw_dots

_ON_LINE = 12
"""Points per segment of the line that numbers keep free."""


def cost_quality(study: StudyPoints) -> Figure:
    """The figure: a dot for each trial; a line joins those that no cheaper trial beats."""
    figure, (axes,) = framed("Score against cost", study.which, lines=rows(study.kinds + 2, 2))
    draw_dots(axes, study, lambda point: point.cost)
    ruled(axes.xaxis, [max(1.0, point.cost) for point, _ in study.scored])
    if study.is_wide():
        ruled(axes.yaxis, study.extent(0))
    front = _front(study)
    if front:
        dots = [(point.cost, value) for point, value in study.scored] + _line(front)
        texts = [(cost, value, str(number)) for cost, value, number in reversed(front)]
        left_out = label(axes, texts, dots)
        note = f"{left_out} of {len(front)} without number" if left_out else "with number"
        costs, values, _ = zip(*front, strict=True)
        axes.step(
            costs,
            values,
            where="post",
            color="0.25",
            linewidth=1.4,
            label=f"no cheaper trial is better ({note})",
        )
    axes.set_xlabel("cost of all its runs: multiply-adds of the forward passes in training")
    axes.set_ylabel(f"{study.score} ({study.better()})")
    legend_above(axes, 2)
    return figure


def _line(front: Sequence[tuple[float, float, int]]) -> list[tuple[float, float]]:
    """Points on the line of the front, which numbers must not cover."""
    found = []
    for (cost, value, _), (next_cost, next_value, _) in pairwise(front):
        for step in range(_ON_LINE):
            part = step / _ON_LINE
            found.append((cost * (next_cost / max(cost, 1e-300)) ** part, value))
            found.append((next_cost, value + (next_value - value) * part))
    return found


def _front(study: StudyPoints) -> list[tuple[float, float, int]]:
    """Cost, value and number of each completed trial that no cheaper one beats."""
    found: list[tuple[float, float, int]] = []
    completed = [(p, v) for p, v in study.scored if p.status == "completed"]
    for point, value in sorted(completed, key=lambda each: (each[0].cost, study.sign * each[1])):
        if not found or study.sign * value < study.sign * found[-1][1]:
            found.append((point.cost, value, point.number))
    return found
