"""Pictures of searches: what grid and random search see of one key, and how searches get on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from dlrun.pictures.palette import COLORS
from dlrun.pictures.style import framed, legend_above, tidy, titled
from experiments.bands import band, draw_band
from experiments.tuning.searches import Numbers
from experiments.tuning.table import Table

LR = "optimizer.adam.lr"
_MARKERS = "osD^vP"
_LOWEST = 0.08
"""Lower end of the axis of regrets, in points; on 1,258 images, one is 0.08 points."""
_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))


def projections(table: Table, searches: Mapping[str, Sequence[int]], other: str) -> Figure:
    """Trials in the plane of the learning rate and another key, and projected on the first.

    Args:
        table: of trainings.
        searches: rows that were tried, by name of the search.
        other: the key of the vertical axis, with few values.
    """
    figure = Figure(figsize=(8.0, 4.6), dpi=110)
    titled(
        figure,
        "The same number of trials, projected on the learning rate",
        "above: mean accuracy by learning rate; black: the rates that were tried",
    )
    rates = sorted({setting[LR] for setting in table.settings})
    all_rates = np.array([setting[LR] for setting in table.settings])
    mean = table.accuracy.mean(axis=0)
    marginal = {rate: mean[all_rates == rate].mean() for rate in rates}
    levels = sorted({setting[other] for setting in table.settings})
    jitter = np.random.default_rng(0)
    for place, (name, rows) in enumerate(searches.items()):
        left = 0.09 + 0.48 * place
        above = tidy(figure.add_axes((left, 0.56, 0.41, 0.25)))
        below = tidy(figure.add_axes((left, 0.12, 0.41, 0.38)))
        tried = sorted({table.settings[row][LR] for row in rows})
        above.plot(rates, [100 * marginal[rate] for rate in rates], color=COLORS[0])
        above.plot(
            tried, [100 * marginal[rate] for rate in tried], "o", color="black", markersize=6
        )
        above.set_title(f"{name}: {len(tried)} learning rates in {len(rows)} trials", fontsize=10)
        places = np.array([levels.index(table.settings[row][other]) for row in rows], float)
        below.plot(
            [table.settings[row][LR] for row in rows],
            places + jitter.uniform(-0.2, 0.2, len(rows)),
            _MARKERS[place],
            color=COLORS[1],
            markersize=5,
            alpha=0.8,
        )
        below.set_yticks(range(len(levels)), [f"{level:g}" for level in levels])
        below.set_ylim(-0.5, len(levels) - 0.5)
        below.set_xlabel("learning rate", fontsize=9)
        for axes in (above, below):
            axes.set_xscale("log")
            axes.set_xlim(min(rates) / 1.4, max(rates) * 1.4)
            axes.tick_params(labelsize=9)
            for rate in tried:
                axes.axvline(rate, color="0.75", linewidth=0.8, zorder=0)
        above.set_xticklabels([])
        if place == 0:
            above.set_ylabel("accuracy (%)", fontsize=9)
            below.set_ylabel(f"{other.split('.')[-1]} (jittered)", fontsize=9)
    return figure


def progress(
    curves: Mapping[str, tuple[Sequence[float], Numbers]],
    optimism: Mapping[str, tuple[Sequence[float], Numbers]],
) -> Figure:
    """Regret against effort, and optimism against trials, with 95 % intervals.

    Args:
        curves: effort in full trainings, and regret in points, (seeds, efforts), by name; a search
            of few efforts is drawn with markers only, slightly shifted.
        optimism: numbers of trials, and optimism in points, (seeds, numbers), by name.
    """
    figure, (left, right) = framed(
        "Search in a table of trainings",
        "mean and 95 % interval over seeds of the search; single markers are slightly shifted",
        panels=2,
        size=(2.95, 3.0),
        lines=3,
        left=0.68,
        right=0.15,
    )
    for number, (name, (efforts, values)) in enumerate(curves.items()):
        few = len(efforts) <= 4
        shift = 1.0 + 0.07 * (number - 3) if few else 1.0  # so that markers do not hide each other
        _line(left, number, name, [shift * each for each in efforts], values, few=few)
    left.set(xscale="log", yscale="log", xlabel="full trainings (27 epochs each)")
    left.set_ylim(bottom=_LOWEST)
    left.set_ylabel("regret (points of accuracy)")
    _plain_ticks(left, "x", (1, 4, 16, 64))
    _plain_ticks(left, "y", (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50))
    for number, (name, (efforts, values)) in enumerate(optimism.items()):
        _line(right, number, name, efforts, values, few=False)
    right.axhline(0.0, color="0.4", linewidth=0.8)
    right.set(xscale="log", xlabel="trials of random search")
    right.set_ylabel("validation - test accuracy (points)")
    _plain_ticks(right, "x", (1, 10, 100, 1000))
    legend_above(left, 2)
    legend_above(right, 1)
    return figure


def _line(
    axes: Axes, number: int, name: str, efforts: Sequence[float], values: Numbers, *, few: bool
) -> None:
    found, color, marker = band(values), COLORS[number], _MARKERS[number]
    if few:
        axes.errorbar(
            efforts,
            found.mean,
            found.bars,
            fmt=marker,
            color=color,
            capsize=3,
            markersize=6,
            label=name,
        )
        return
    draw_band(
        axes,
        efforts,
        found,
        color=color,
        alpha=0.18,
        linestyle=_LINES[number % len(_LINES)],
        marker=marker,
        markevery=max(1, len(efforts) // 6),
        markersize=4,
        label=name,
    )


def _plain_ticks(axes: Axes, which: str, ticks: Sequence[float]) -> None:
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_minor_locator(NullLocator())
