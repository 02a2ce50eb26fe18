"""The best score of a study so far, by trial."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dlrun.pictures.log_ticks import ruled
from dlrun.pictures.study_points import BEST, StudyPoints
from dlrun.pictures.style import framed, legend_above, rows
from dlrun.pictures.trial_dots import draw_dots


def convergence(study: StudyPoints) -> Figure:
    """The figure: a dot for each trial, failed ones at the bottom; the best so far as a line."""
    failed = [point.number for point in study.points if point.value is None]
    entries = study.kinds + 2 + bool(failed)
    figure, (axes,) = framed("Best score so far, by trial", study.which, lines=rows(entries, 2))
    draw_dots(axes, study, lambda point: point.number)
    steps: list[tuple[int, float]] = []
    for point, value in study.scored:
        better = not steps or study.sign * value < study.sign * steps[-1][1]
        if point.status == "completed" and better:
            steps.append((point.number, value))
    if steps:
        last = study.points[-1].number
        numbers, values = zip(*steps, (last, steps[-1][1]), strict=True)
        axes.step(numbers, values, where="post", color=BEST, linewidth=1.8, label=study.best_so_far)
    if study.is_wide():
        ruled(axes.yaxis, study.extent(0))
    if failed:
        low = axes.get_ylim()[0]
        axes.plot(failed, [low] * len(failed), "x", color="0.2", label="failed", clip_on=False)
        axes.set_ylim(bottom=low)
    axes.set_xlabel("trial")
    axes.set_ylabel(f"{study.score} ({study.better()})")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    legend_above(axes, 2)
    return figure
