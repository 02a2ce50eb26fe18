"""Loss and metrics over the epochs, a panel each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PARTS = {"train": ("#0072B2", "o"), "validation": ("#D55E00", "s")}
"""Color and marker of each part of the data: blue and vermillion of Okabe & Ito's palette ("Color
universal design", 2008), which every kind of colour vision tells apart."""

_MARKED = 40
"""Up to this many epochs each has a marker."""


def learning_curve(
    columns: Mapping[str, Sequence[float]], title: str, best_epoch: int | None
) -> Figure:
    """The figure: a panel for every metric that a part of the data has, loss first.

    Args:
        columns: ``epoch`` and, as ``train.loss`` or ``validation.accuracy``, the metrics; all of
            one length.  What is not finite leaves a gap.
        title: stands above the panels.
        best_epoch: the epoch to mark; None and 0 mark none.
    """
    epochs = columns["epoch"]
    names = _metrics(columns)
    wide = min(2, len(names))
    high = math.ceil(len(names) / wide)
    width, height = 6.4 * wide, 0.4 + 3.8 * high
    figure = Figure(figsize=(width, height), dpi=120)
    # In inches, and not left to Matplotlib, which would draw everything twice to find them out.
    figure.subplots_adjust(
        left=0.75 / width,
        right=1 - 0.2 / width,
        bottom=0.55 / height,
        top=1 - 0.5 / height,
        wspace=0.85 / (6.4 - 0.85),
        hspace=0.65 / (3.8 - 0.65),
    )
    figure.suptitle(title, fontsize="large", y=1 - 0.15 / height, va="top")
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
    """Names of the metrics without their parts: loss, then the others as they stand."""
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
        axes.set_yscale("log")
    axes.set_xlabel("epoch")
    axes.set_ylabel(name.replace("_", " "))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    # The whole run, also where a curve ends early because it is no longer finite.
    margin = max(0.5, 0.02 * len(epochs))
    axes.set_xlim(epochs[0] - margin, epochs[-1] + margin)
    axes.grid(color="0.88", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
