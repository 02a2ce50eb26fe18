"""The pictures of the experiment on initial weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlrun.arrays import Array
from dlrun.pictures.palette import COLORS
from dlrun.pictures.style import framed, legend_above, tidy
from experiments.bands import Band, band, draw_band
from experiments.initialization.signals import Signals

STYLES = {
    "zeros": (COLORS[6], "x", ":"),
    "constant 1/64": (COLORS[6], "P", "-."),
    "normal 0.01": (COLORS[4], "v", "--"),
    "normal 1.0": (COLORS[3], "^", "--"),
    "Xavier": (COLORS[0], "o", "-"),
    "He": (COLORS[1], "s", "-"),
    "orthogonal": (COLORS[5], "D", "-."),
    "LSUV": (COLORS[2], "*", "-"),
}
"""Color, marker and line of each rule."""

_LOW, _HIGH = 1e-20, 1e20
"""Ends of the logarithmic axes; smaller and larger values leave the picture."""

Start = Mapping[tuple[str, str, int], Sequence[Signals]]
"""Signals by activation, rule and depth; one per seed."""


def geometric(curves: Sequence[Array]) -> Band:
    """The band of the geometric mean of several curves, one per seed."""
    logs = band(np.log10(curves))
    return Band(10**logs.mean, 10**logs.low, 10**logs.high)


def draw_start(start: Start, activations: Sequence[str]) -> Figure:
    """Activations of the deepest network, and gradients for each depth, one row per function."""
    figure = Figure(figsize=(8.0, 5.0))
    figure.suptitle("Signals in each layer before training", fontsize=11, y=0.985, va="top")
    depths = sorted({depth for name, _, depth in start if name in activations})
    columns = 1 + len(depths)
    left, step, width = 0.085, 0.185, 0.145
    for row, activation in enumerate(activations):
        for column in range(columns):
            extra = 0.02 if column else 0.0
            place = (left + extra + step * column, 0.535 - 0.435 * row, width, 0.29)
            axes = tidy(figure.add_axes(place))
            depth = depths[column - 1] if column else max(depths)
            for rule in _rules(start, activation, depth):
                signals = start[activation, rule, depth]
                curves = [s.gradients if column else s.activations for s in signals]
                _line(axes, np.arange(1, depth + 1), geometric(curves), rule)
            what = "gradients" if column else f"{activation}: activations"
            _signal_axes(
                axes,
                depth,
                f"{what}\n{depth} layers",
                labelled=column == 0,
                last=row == len(activations) - 1,
            )
    figure.axes[0].set_ylabel("root mean square", fontsize=9)
    figure.axes[columns].set_ylabel("root mean square", fontsize=9)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="upper center", bbox_to_anchor=(0.5, 0.96), ncols=len(labels),
        frameon=False, fontsize=9,
    )  # fmt: skip
    return figure


def _rules(start: Start, activation: str, depth: int) -> list[str]:
    return [rule for (function, rule, layers) in start if (function, layers) == (activation, depth)]


def _signal_axes(axes: Axes, depth: int, title: str, *, labelled: bool, last: bool) -> None:
    axes.set_title(title, fontsize=9, pad=4)
    axes.set_yscale("log")
    axes.set_ylim(_LOW, _HIGH)
    axes.set_yticks([1e-20, 1e-10, 1.0, 1e10, 1e20])
    axes.set_xticks([1, depth])
    axes.tick_params(labelsize=9, labelleft=labelled)
    axes.minorticks_off()
    if last:
        axes.set_xlabel("layer", fontsize=9)


def _line(axes: Axes, x: Array, values: Band, rule: str, every: int | None = None) -> None:
    color, marker, line = STYLES[rule]
    spaced = every or max(1, math.ceil(len(x) / 4))
    draw_band(
        axes, x, values, color=color, marker=marker, linestyle=line, markevery=spaced,
        markersize=4.5, linewidth=1.4, label=rule,
    )  # fmt: skip


def draw_learning(
    curves: Mapping[tuple[str, str], Sequence[Sequence[float]]],
    activations: Sequence[str],
    target: float,
) -> Figure:
    """Validation loss by epoch, one panel per activation function.

    Args:
        curves: by activation and rule, one per seed that did not diverge.
        activations: the panels.
        target: the loss whose epoch is counted.
    """
    figure, panels = framed(
        "Validation loss of 20 layers by epoch",
        "mean over seeds with 95 % interval; each rule with its own learning rate",
        panels=len(activations), size=(3.1, 2.9), lines=2, left=0.6, right=0.15,
    )  # fmt: skip
    for axes, activation in zip(panels, activations, strict=True):
        for rule in STYLES:
            rows = curves.get((activation, rule), [])
            if rows:
                data = np.array(rows)
                _line(axes, np.arange(1, data.shape[1] + 1), band(data), rule, 4)
        axes.axhline(target, color="0.4", linewidth=0.9, linestyle=":")
        axes.set_ylim(0.0, 2.6)
        axes.set_xlabel("epoch", fontsize=9)
        axes.set_ylabel("validation loss", fontsize=9)
        axes.tick_params(labelsize=9)
        axes.text(0.98, 0.93, activation, transform=axes.transAxes, ha="right", fontsize=10)
    legend_above(panels[0], 4)
    return figure
