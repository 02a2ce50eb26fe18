"""The pictures: scores by learning rate, and paths on Rosenbrock's surface."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlrun.arrays import Array
from dlrun.intervals import Scale
from dlrun.pictures.palette import COLORS
from dlrun.pictures.style import legend_above, tidy
from experiments.bands import band
from experiments.optimizers.surface import MINIMUM, START, height
from experiments.optimizers.tasks import OPTIMIZERS, Trainings

_FAMILIES = OPTIMIZERS[:4], OPTIMIZERS[4:]
_MARKERS = "osv^"
_LINES = ("-", "--", ":", "-.")


def rates_figure(tasks: Sequence[Trainings]) -> Figure:
    """Mean validation score with its 95 % interval by learning rate, a column per task."""
    figure = Figure(figsize=(8, 5))
    axes = figure.subplots(2, len(tasks), sharex=True, squeeze=False)
    figure.subplots_adjust(left=0.08, right=0.985, top=0.9, bottom=0.1, wspace=0.22, hspace=0.22)
    for row, family in zip(axes, _FAMILIES, strict=True):
        for panel, task in zip(row, tasks, strict=True):
            for number, name in enumerate(family):
                _curve(tidy(panel), task, name, number)
            panel.set_xscale("log")
            panel.set_ylim(-0.03, 1.03)
            panel.tick_params(labelsize=9)
        legend_above(row[0], 4)
    for panel, task in zip(axes[0], tasks, strict=True):
        score = {"accuracy": "accuracy", "r2": "R²"}[task.task.score]
        panel.set_title(f"{task.task.title}: {score}", fontsize=10, pad=22)
    for panel in axes[1]:
        panel.set_xlabel("learning rate", fontsize=9)
    for panel in axes[:, 0]:
        panel.set_ylabel("validation score", fontsize=9)
    return figure


def _curve(panel: Axes, task: Trainings, name: str, number: int) -> None:
    settings = task.of(name)
    if not settings:
        return
    scores = np.array([task.scores(each, "validation") for each in settings])
    found = band(scores.T, Scale(0.0, 1.0))
    panel.errorbar(
        [each.rate * 1.07 ** (number - 1.5) for each in settings],  # side by side
        found.mean,
        yerr=found.bars,
        label=name,
        color=COLORS[number],
        marker=_MARKERS[number],
        linestyle=_LINES[number],
        markersize=4,
        linewidth=1.3,
        elinewidth=0.9,
    )


def paths_figure(paths: Mapping[str, tuple[float, Array]]) -> Figure:
    """A panel per optimizer with its path on the lines of equal height."""
    figure = Figure(figsize=(8, 5))
    panels = figure.subplots(2, math.ceil(len(paths) / 2), sharex=True, sharey=True).flat
    figure.subplots_adjust(left=0.075, right=0.985, top=0.94, bottom=0.1, wspace=0.08, hspace=0.2)
    x, y = np.meshgrid(np.linspace(-1.7, 1.7, 120), np.linspace(-0.7, 2.1, 120))
    lines = [0.1, 1.0, 5.0, 25.0, 100.0, 400.0]
    for number, (panel, (name, (rate, points))) in enumerate(
        zip(panels, paths.items(), strict=True)
    ):
        panel.contour(x, y, height(x, y), levels=lines, colors="0.75", linewidths=0.8)
        panel.plot(points[:, 0], points[:, 1], color=COLORS[0], linewidth=1.1)
        panel.plot(*points[::25].T, ".", color=COLORS[0], markersize=5)
        panel.plot(*START, "s", color=COLORS[2], markersize=6)
        panel.plot(*MINIMUM, "*", color=COLORS[1], markersize=11)
        panel.set_title(f"{name}, rate {rate:.2g}", fontsize=9.5)
        panel.set(xlim=(-1.7, 1.7), ylim=(-0.7, 2.1))
        panel.tick_params(labelsize=9)
        if number % 4 == 0:
            panel.set_ylabel("y", fontsize=9)
        if number >= 4:
            panel.set_xlabel("x", fontsize=9)
    return figure
