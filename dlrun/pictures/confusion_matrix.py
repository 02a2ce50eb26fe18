"""The confusion matrix: counts, and their fraction of each true class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from dlrun.pictures.style import titled
from dlrun.printable import printable
from dlrun.run_directory.confusion import Confusion

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from dlrun.arrays import Array

_SHARES_UP_TO = 12
"""Up to this many classes, a cell shows its percentage below its count."""
_COUNTS_UP_TO = 25
"""Up to this many classes, a cell shows its count; with more, only its colour."""
_LABELS = 40
"""Approximate maximum number of class names at an axis."""
_NAME = 18
"""Maximum length of a class name."""
_LETTER = 0.09
"""Approximate width of a character in inches."""


def confusion_matrix(confusion: Confusion, title: str) -> Figure:
    """The figure, for any number of classes.

    Args:
        confusion: counts; rows are true, columns predicted classes.
        title: name of the run, shown above the matrix, below the accuracy.
    """
    counts = np.array(confusion.counts, dtype=np.int64)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    k = len(confusion.classes)

    side = min(9.0, max(3.3, 1.5 + 0.46 * k))
    names = [_shortened(name) for name in confusion.classes]
    longest = max(map(len, names)) * _LETTER
    turned = longest > math.ceil(k / _LABELS) * side / k
    # Fixed in inches, since Matplotlib would draw everything twice to determine them.
    left, below = 0.6 + longest, 0.65 + (longest if turned else 0.1)
    width, height = left + side + 1.35, below + side + 0.85
    figure = Figure(figsize=(width, height), dpi=120)
    correct, total = int(np.trace(counts)), int(counts.sum())
    share = f"{correct} of {total} correct ({_percent(correct, total)})"
    titled(figure, f"Confusion matrix: {share}", title)
    axes = figure.add_axes((left / width, below / height, side / width, side / height))
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xlabel("predicted class")
    axes.set_ylabel("true class")

    _name_axes(axes, names, turned)
    if k <= _COUNTS_UP_TO:
        _fill_cells(axes, counts)
    beside = ((left + side + 0.2) / width, (below + 0.1 * side) / height, 0.22 / width)
    place = figure.add_axes((*beside, 0.8 * side / height))
    bar = figure.colorbar(image, place, format=PercentFormatter(1.0))
    bar.set_label("fraction of the true class")
    bar.outline.set_visible(False)
    return figure


def _name_axes(axes: Axes, names: Sequence[str], turned: bool) -> None:
    """Write class names at both axes, as many as fit."""
    ticks = range(0, len(names), math.ceil(len(names) / _LABELS))
    shown = [names[tick] for tick in ticks]
    size = "small" if len(names) > _SHARES_UP_TO else "medium"
    # A class name such as "$5 to $10" must not be read as mathematics.
    axes.set_yticks(ticks, shown, fontsize=size, parse_math=False)
    axes.set_xticks(ticks, shown, fontsize=size, parse_math=False)
    if turned:
        axes.tick_params(axis="x", labelrotation=90)


def _fill_cells(axes: Axes, counts: Array) -> None:
    """Write counts, (k, k), into the cells, with percentages if they fit."""
    k = len(counts)
    totals = counts.sum(axis=1)
    size = "medium" if k <= 4 else "small" if k <= _SHARES_UP_TO else "x-small"
    for i, j in np.ndindex(k, k):
        count, total = int(counts[i, j]), int(totals[i])
        text, color = str(count), "0.65"
        if count:
            color = "white" if count > 0.55 * total else "0.1"
            if k <= _SHARES_UP_TO:
                text += f"\n{_percent(count, total)}"
        axes.text(j, i, text, ha="center", va="center", fontsize=size, color=color)
    lines = np.arange(0.5, k - 1)
    axes.set_xticks(lines, minor=True)
    axes.set_yticks(lines, minor=True)
    axes.grid(which="minor", color="0.85", linewidth=0.8)
    axes.tick_params(which="minor", length=0)


def _percent(part: int, whole: int) -> str:
    """A percentage, never rounded to 0 or 100; a dash if the total is 0."""
    if whole == 0:
        return "-"
    share = 100 * part / whole
    return f"{share:.0f}%" if share in (0, 100) or 1 <= share <= 99 else f"{share:.1f}%"


def _shortened(name: str) -> str:
    name = printable(name)
    return name if len(name) <= _NAME else name[: _NAME - 1] + "…"
