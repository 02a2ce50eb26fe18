"""The hypervolume of a study's Pareto front, by trial."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dlrun.pictures.study_points import BEST, PLAIN, StudyPoints
from dlrun.pictures.style import framed, legend_above, rows


def hypervolume(study: StudyPoints) -> Figure:
    """The figure: the hypervolume of the trials so far, and a dot for each that added to it."""
    numbers, shares = list(study.volumes), list(study.volumes.values())
    added = [
        (number, share)
        for number, share, before in zip(numbers, shares, [0.0, *shares], strict=False)
        if share > before
    ]
    title = "Hypervolume of the Pareto front, by trial"
    figure, (axes,) = framed(title, study.which, lines=rows(2, 1))
    last = study.points[-1].number
    axes.step(
        [*numbers, last],
        [*shares, shares[-1]],
        where="post",
        color=PLAIN,
        linewidth=1.8,
        label=f"up to the reference point: {study.corner}",
    )
    axes.plot(
        [number for number, _ in added],
        [share for _, share in added],
        "o",
        color=BEST,
        markersize=6,
        label="trials that added to it",
    )
    axes.set_ylim(0.0, 1.05 * max(shares) or 1.0)
    axes.set_xlabel("trial")
    axes.set_ylabel("fraction of the box (higher is better)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    legend_above(axes, 1)
    return figure
