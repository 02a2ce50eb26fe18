"""The pictures of the experiment on batch normalization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlrun.arrays import Array
from dlrun.intervals import Scale
from dlrun.pictures.palette import COLORS
from dlrun.pictures.style import framed, legend_above
from experiments.bands import Band, band, draw_band
from experiments.batch_normalization.drift import Drift
from experiments.batch_normalization.measured import Measured
from experiments.batch_normalization.trainings import CHANCE, accuracies

STYLES = {
    "none": ("no normalization", COLORS[1], "s", "--"),
    "batch": ("batch", COLORS[0], "o", "-"),
    "layer": ("layer", COLORS[2], "^", "-."),
    "group": ("group", COLORS[3], "v", ":"),
    "noisy": ("batch, with noise", COLORS[2], "^", "-."),
}
"""Label, color, marker and line of each normalization."""

_FRACTION = Scale(low=0.0, high=1.0)


def draw_scores(measured: Measured) -> Figure:
    """Accuracy by learning rate, and by the samples of batch statistics."""
    figure, (left, right) = framed(
        "Test accuracy with and without normalization",
        "mean over seeds with 95 % interval",
        panels=2, size=(3.1, 2.9), lines=2, left=0.65, right=0.2,
    )  # fmt: skip
    for norm, found in measured.rates.items():
        ordered = sorted(found, key=lambda side: side.rate)
        scores = np.array([accuracies(side) for side in ordered]).T
        _line(left, [side.rate for side in ordered], band(scores, _FRACTION), norm)
    left.set_xlabel("learning rate", fontsize=9)
    batches = sorted(measured.statistics)
    scores = np.array([accuracies(measured.statistics[batch]) for batch in batches]).T
    _line(right, batches, band(scores, _FRACTION), "batch")
    for norm, side in measured.layers.items():
        level = band([[each, each] for each in accuracies(side)], _FRACTION)
        _line(right, [batches[0], batches[-1]], level, norm)
    right.set_xlabel("samples of batch statistics", fontsize=9)
    right.set_xscale("log")
    right.set_xticks(batches, [str(each) for each in batches])
    right.minorticks_off()
    left.set_xscale("log")
    left.set_xticks([0.1, 1.0, 10.0], ["0.1", "1", "10"])
    left.minorticks_off()
    left.set_ylim(CHANCE - 0.05, 1.0)
    for axes in (left, right):
        axes.set_ylabel("test accuracy", fontsize=9)
        axes.tick_params(labelsize=9)
        legend_above(axes, 2)
    return figure


def draw_drift(drifts: Mapping[str, Sequence[Drift]], target: float) -> Figure:
    """Means and standard deviations of a layer's inputs by step, and accuracy by epoch."""
    figure, panels = framed(
        "Inputs of a hidden layer in the course of training",
        "mean over seeds with 95 % interval; each network at its fastest learning rate",
        panels=3, size=(1.95, 2.6), lines=1, left=0.6, right=0.1,
    )  # fmt: skip
    for name, seeds in drifts.items():
        moved = [each.moved for each in seeds]
        spread = [each.deviations.mean(axis=1) for each in seeds]
        steps = np.arange(len(moved[0]))
        epochs = np.arange(1, len(seeds[0].accuracies) + 1)
        every = max(1, len(steps) // 5)
        _line(panels[0], steps, band(moved), name, every)
        _line(panels[1], steps, band(spread), name, every)
        reached = band([each.accuracies for each in seeds], _FRACTION)
        _line(panels[2], epochs, reached, name, 3)
    for axes, x, y in zip(
        panels,
        ("step", "step", "epoch"),
        ("shift of means [std]", "standard deviation", "validation accuracy"),
        strict=True,
    ):
        axes.set_xlabel(x, fontsize=9)
        axes.set_ylabel(y, fontsize=9)
        axes.tick_params(labelsize=9)
        axes.set_ylim(bottom=0.0)
    panels[2].set_ylim(0.0, 1.0)
    panels[2].axhline(target, color="0.4", linewidth=0.9, linestyle=":")
    legend_above(panels[0], 3)
    return figure


def _line(axes: Axes, x: Sequence[float] | Array, values: Band, name: str, every: int = 1) -> None:
    label, color, marker, line = STYLES[name]
    draw_band(
        axes, x, values, color=color, marker=marker, linestyle=line, markevery=every,
        markersize=4.5, linewidth=1.4, label=label,
    )  # fmt: skip
