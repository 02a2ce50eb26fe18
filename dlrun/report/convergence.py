"""How the best score of a study grew, trial by trial."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dlrun.report.study_points import BEST, STATUSES, StudyPoints


def convergence(study: StudyPoints) -> Figure:
    """The figure: a dot a trial, failed ones at the lower edge, and the best so far as a line."""
    figure = Figure(figsize=(7.2, 4.2), dpi=120, layout="constrained")
    figure.suptitle(study.title, fontsize="large")
    axes = figure.add_subplot()
    for status, color, marker in STATUSES:
        found = [(p.number, v) for p, v in study.scored if p.status == status]
        if found:
            axes.plot(*zip(*found, strict=True), marker, color=color, markersize=5, label=status)
    steps: list[tuple[int, float]] = []
    for point, value in study.scored:
        better = not steps or study.sign * value < study.sign * steps[-1][1]
        if point.status == "completed" and better:
            steps.append((point.number, value))
    if steps:
        last = study.points[-1].number
        numbers, values = zip(*steps, (last, steps[-1][1]), strict=True)
        axes.step(numbers, values, where="post", color=BEST, linewidth=1.8, label="best so far")
    if study.is_wide():
        axes.set_yscale("log")
    failed = [point.number for point in study.points if point.value is None]
    if failed:
        low = axes.get_ylim()[0]
        axes.plot(failed, [low] * len(failed), "x", color="0.2", label="failed", clip_on=False)
        axes.set_ylim(bottom=low)
    axes.set_xlabel("trial")
    axes.set_ylabel(study.score)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(color="0.88", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return figure
