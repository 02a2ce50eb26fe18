"""ROC and precision-recall curves: each class against all others, and their mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from dlrun.pictures.palette import COLORS
from dlrun.pictures.style import framed
from dlrun.printable import shortened
from dlrun.run_directory.curves import GRID, Curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from dlrun.arrays import Array

_SIDE, _BESIDE = 3.6, 2.75
"""Side of the panel, and width of the legend, in inches."""
_NAME = 14
"""Maximum length of a class name in the legend."""


def roc(curves: Curves, which: str) -> Figure:
    """The figure: true against false positive rates; the diagonal is a random guess."""
    figure, axes = _panel(curves, "ROC curves", which)
    axes.plot([0, 1], [0, 1], color="0.45", linewidth=1, linestyle=":", label="random guess: 0.500")
    for style, one in zip(_styles(curves), curves.ranked, strict=True):
        across, up = _rates(one.false_positives), _rates(one.true_positives)
        axes.plot(across, up, label=f"{shortened(one.name, _NAME)}: {one.roc_auc:.3f}", **style)
    if curves.mean is not None:
        _mean(axes, curves.mean.recall, f"mean of all {curves.mean.of}: {curves.mean.roc_auc:.3f}")
    axes.set_xlabel("false positive rate")
    axes.set_ylabel("true positive rate")
    _legend(axes, "area under the curve", curves)
    return figure


def precision_recall(curves: Curves, which: str) -> Figure:
    """The figure: precision against recall, as steps between the thresholds."""
    figure, axes = _panel(curves, "Precision-recall curves", which)
    for style, one in zip(_styles(curves), curves.ranked, strict=True):
        found = np.array(one.true_positives)
        precision = found / (found + np.array(one.false_positives))
        # Precision at a recall is that of the first threshold which reaches it.
        axes.step(
            np.append(0.0, found / one.positives),
            np.append(precision[0], precision),
            where="pre",
            label=f"{shortened(one.name, _NAME)}: {one.average_precision:.3f}",
            **style,
        )
        if len(curves.ranked) == 1:
            share = one.positives / (one.positives + one.negatives)
            text = f"random guess: {share:.3f}"
            axes.axhline(share, color="0.45", linewidth=1, linestyle=":", label=text)
    if curves.mean is not None:
        score = curves.mean.average_precision
        _mean(axes, curves.mean.precision, f"mean of all {curves.mean.of}: {score:.3f}")
    axes.set_xlabel("recall")
    axes.set_ylabel("precision")
    _legend(axes, "average precision", curves)
    return figure


def _panel(curves: Curves, what: str, which: str) -> tuple[Figure, Axes]:
    sample = (
        f", {curves.used} drawn of {curves.decisions}" if curves.used < curves.decisions else ""
    )
    title = f"{what} on the {curves.set} set{sample}"
    figure, (axes,) = framed(title, which, size=(_SIDE, _SIDE), left=0.65, right=_BESIDE)
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    return figure, axes


def _styles(curves: Curves) -> list[dict[str, Any]]:
    """Colour and dashes of each class; thin if the mean is drawn over them."""
    width = 1.8 if curves.mean is None else 1.1
    return [
        {
            "color": COLORS[place % (len(COLORS) - 1)],  # the last one, black, is the mean's
            "linestyle": "-" if place < len(COLORS) - 1 else (0, (5, 2)),
            "linewidth": width,
        }
        for place in range(len(curves.ranked))
    ]


def _mean(axes: Axes, values: Sequence[float], label: str) -> None:
    grid = np.linspace(0, 1, GRID)
    axes.plot(grid, values, color=COLORS[-1], linewidth=2.4, label=label, zorder=5)


def _rates(counts: Sequence[int]) -> Array:
    return np.append(0.0, np.array(counts) / counts[-1])


def _legend(axes: Axes, title: str, curves: Curves) -> None:
    kind = "positive class" if curves.classes == 2 else "class or label"
    left_out = 0 if curves.mean is None else curves.mean.of - len(curves.ranked)
    note = f"\n{len(curves.ranked)} lowest areas,\n{left_out} not drawn" if left_out else ""
    box = axes.legend(
        title=f"{kind}:\n{title}{note}",
        frameon=False,
        loc="upper left",
        bbox_to_anchor=(1.03, 1.0),
        borderaxespad=0.0,
        fontsize=9,
        title_fontsize=9,
        alignment="left",
    )
    for text in box.get_texts():
        text.set_parse_math(False)
