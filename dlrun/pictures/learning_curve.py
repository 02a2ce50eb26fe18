"""Loss and metrics by epoch, in one panel each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dlrun.pictures.log_ticks import ruled
from dlrun.pictures.palette import COLORS
from dlrun.pictures.style import tidy, titled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PARTS = {"train": (COLORS[0], "o"), "validation": (COLORS[1], "s")}
"""Color and marker of each set."""

_WIDTH, _HEIGHT = 4.6, 3.4
"""Of a panel with its labels, in inches."""

_MARKED = 40
"""Up to this many epochs, each has a marker."""


def learning_curve(
    columns: Mapping[str, Sequence[float]], title: str, best_epoch: int | None
) -> Figure:
    """The figure: one panel per metric, loss first.

    Args:
        columns: ``epoch`` and the metrics, such as ``train.loss`` or ``validation.accuracy``; all
            of one length.  NaN and infinite values leave a gap.
        title: name of the run, shown above the panels.
        best_epoch: the epoch to mark; None or 0 for none.
    """
    epochs = columns["epoch"]
    names = _metrics(columns)
    wide = min(2, len(names))
    high = math.ceil(len(names) / wide)
    width, height = _WIDTH * wide, 0.62 + _HEIGHT * high
    figure = Figure(figsize=(max(width, 5.4), height), dpi=120)
    # Fixed in inches, since Matplotlib would draw everything twice to determine them.
    figure.subplots_adjust(
        left=0.75 / width,
        right=1 - 0.2 / width,
        bottom=0.55 / height,
        top=1 - 0.7 / height,
        wspace=0.85 / (_WIDTH - 0.85),
        hspace=0.65 / (_HEIGHT - 0.65),
    )
    what = "Loss" if names == ["loss"] else "Loss and metrics"
    titled(figure, f"{what} by epoch (one run)", title)
    for position, name in enumerate(names, start=1):
        axes = figure.add_subplot(high, wide, position)
        curves = {part: columns[f"{part}.{name}"] for part in _PARTS if f"{part}.{name}" in columns}
        _panel(axes, name, epochs, curves)
        if best_epoch is not None and best_epoch in epochs:
            axes.axvline(
                best_epoch,
                color="0.35",
                linestyle=(0, (4, 3)),
                linewidth=1.2,
                label=f"best epoch {best_epoch}",
                zorder=1,
            )
        axes.legend(frameon=False)
    return figure


def _metrics(columns: Mapping[str, Sequence[float]]) -> list[str]:
    """Names of the metrics without their sets: loss, then the others in order."""
    split = (column.partition(".") for column in columns)
    names = dict.fromkeys(name for part, _, name in split if part in _PARTS)
    return sorted(names, key=lambda name: name != "loss")


def _panel(
    axes: Axes, name: str, epochs: Sequence[float], curves: Mapping[str, Sequence[float]]
) -> None:
    for part, values in curves.items():
        color, marker = _PARTS[part]
        axes.plot(
            epochs,
            [value if math.isfinite(value) else math.nan for value in values],
            color=color,
            label=part,
            linewidth=1.8,
            marker=marker if len(epochs) <= _MARKED else None,
            markersize=4,
        )
    drawn = [value for values in curves.values() for value in values if math.isfinite(value)]
    if not drawn:
        axes.text(0.5, 0.5, "no finite value", transform=axes.transAxes, ha="center", color="0.35")
        axes.set_yticks([])
    elif min(drawn) > 0 and max(drawn) >= 100 * min(drawn):
        ruled(axes.yaxis, drawn)
    axes.set_xlabel("epoch")
    axes.set_ylabel(name.replace("_", " "))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    # The whole run, also if a curve ends early because its values are not finite.
    margin = max(0.5, 0.02 * len(epochs))
    axes.set_xlim(epochs[0] - margin, epochs[-1] + margin)
    tidy(axes)
