"""What the trials of a study cost, against how good they are."""

from __future__ import annotations

from matplotlib.figure import Figure

from dlrun.report.study_points import BEST, STATUSES, StudyPoints

_LABELLED = 12
"""Trials of the front that are named, at most."""


def cost_quality(study: StudyPoints) -> Figure:
    """The figure: a dot a trial; a line joins those that no cheaper trial beats."""
    figure = Figure(figsize=(7.2, 4.2), dpi=120, layout="constrained")
    figure.suptitle(study.title, fontsize="large")
    axes = figure.add_subplot()
    for status, color, marker in STATUSES:
        found = [(p.cost, v) for p, v in study.scored if p.status == status]
        if found:
            axes.plot(
                *zip(*found, strict=True),
                marker,
                color=color,
                markersize=5,
                alpha=0.8,
                label=status,
            )
    front = _front(study)
    if front:
        costs, values, _ = zip(*front, strict=True)
        axes.step(
            costs, values, where="post", color=BEST, linewidth=1.6, label="no cheaper one is better"
        )
        for cost, value, number in front[-_LABELLED:]:
            axes.annotate(
                str(number), (cost, value), (4, 4), textcoords="offset points", fontsize="small"
            )
    axes.set_xscale("log")
    if study.is_wide():
        axes.set_yscale("log")
    axes.set_xlabel("cost: multiply-adds of the forward passes in training")
    axes.set_ylabel(study.score)
    axes.grid(color="0.88", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return figure


def _front(study: StudyPoints) -> list[tuple[float, float, int]]:
    """Cost, value and number of each completed trial that no cheaper one beats."""
    found: list[tuple[float, float, int]] = []
    completed = [(p, v) for p, v in study.scored if p.status == "completed"]
    for point, value in sorted(completed, key=lambda each: (each[0].cost, study.sign * each[1])):
        if not found or study.sign * value < study.sign * found[-1][1]:
            found.append((point.cost, value, point.number))
    return found
