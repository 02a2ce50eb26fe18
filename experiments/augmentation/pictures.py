"""The pictures: accuracy by number of training samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlrun.intervals import Scale, estimate
from dlrun.pictures.palette import COLORS
from dlrun.pictures.style import tidy
from experiments.augmentation.images import TESTS

_MARKERS = "os^vDPX"
_LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))

Scores = Mapping[int, Sequence[float]]
"""Accuracies by samples for training."""


def digits_figure(
    accuracies: Mapping[tuple[str, int], Mapping[str, Sequence[float]]],
    sides: Sequence[str],
    sizes: Sequence[int],
) -> Figure:
    """A panel for each test set with a curve for each side."""
    figure = Figure(figsize=(8, 5))
    panels = figure.subplots(1, len(TESTS), sharex=True, sharey=True)
    figure.subplots_adjust(left=0.075, right=0.985, top=0.84, bottom=0.1, wspace=0.08)
    for panel, test in zip(panels, TESTS, strict=True):
        curves = {side: {size: accuracies[side, size][test] for size in sizes} for side in sides}
        _panel(panel, curves, f"{test} test digits")
    _finish(figure, panels, 4)
    return figure


def panels_figure(tasks: Mapping[str, Mapping[str, Scores]]) -> Figure:
    """A panel for each task, with a curve and a legend entry for each of its sides."""
    figure = Figure(figsize=(8, 4.8))
    panels = figure.subplots(1, len(tasks), squeeze=False)[0]
    figure.subplots_adjust(left=0.075, right=0.985, top=0.6, bottom=0.12, wspace=0.22)
    for panel, (title, curves) in zip(panels, tasks.items(), strict=True):
        _panel(panel, curves, title)
        panel.legend(
            frameon=False, fontsize=9, loc="lower left", bbox_to_anchor=(-0.08, 1.1), borderpad=0
        )
        panel.set_ylim(0, 1.02)
    panels[0].set_ylabel("test accuracy", fontsize=9.5)
    return figure


def _panel(panel: Axes, curves: Mapping[str, Scores], title: str) -> None:
    tidy(panel)
    sizes: list[int] = []
    for number, (side, scores) in enumerate(curves.items()):
        sizes = list(scores)
        found = [estimate(values, of=Scale(0.0, 1.0)) for values in scores.values()]
        low = [each.mean - (each.mean if each.low is None else each.low) for each in found]
        high = [(each.mean if each.high is None else each.high) - each.mean for each in found]
        panel.errorbar(
            [size * 1.03 ** (number - len(curves) / 2) for size in sizes],  # side by side
            [each.mean for each in found],
            yerr=[low, high],
            label=side,
            color=COLORS[number],
            marker=_MARKERS[number],
            linestyle=_LINES[number],
            markersize=4.5,
            linewidth=1.3,
            elinewidth=0.9,
        )
    panel.set_xscale("log")
    panel.set_xticks(sizes, [str(size) for size in sizes])
    panel.minorticks_off()
    panel.tick_params(labelsize=9)
    panel.set_title(title, fontsize=10)
    panel.set_xlabel("training samples", fontsize=9.5)


def _finish(figure: Figure, panels: Sequence[Axes], columns: int) -> None:
    panels[0].set_ylabel("accuracy", fontsize=9.5)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="upper left",
        bbox_to_anchor=(0.06, 0.99),
        ncols=columns,
        frameon=False,
        fontsize=9,
    )
