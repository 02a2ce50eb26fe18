"""Predicted against true values of a regression, and their residuals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dlrun.pictures.palette import COLORS
from dlrun.pictures.style import tidy, titled
from dlrun.run_directory.curves import Curves, Predicted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from dlrun.arrays import Array

_SIDE, _LOW = 3.3, 2.3
"""Height of the panels of one target, and of each of several, in inches."""
_WIDE, _LEFT, _ABOVE, _BELOW = 3.5, 0.85, 0.36, 0.55
"""Width of a panel, and room at its left, above and below it."""


def predicted_values(curves: Curves, which: str) -> Figure:
    """The figure: for each target, predictions with the identity line, and residuals."""
    targets = curves.predicted
    side = _SIDE if len(targets) == 1 else _LOW
    row = _ABOVE + side + _BELOW
    width, height = 2 * (_LEFT + _WIDE + 0.15), 0.62 + row * len(targets)
    figure = Figure(figsize=(width, height), dpi=120)
    titled(figure, f"Predicted against true values of the {curves.set} set", which)
    for place, target in enumerate(targets):
        below = (height - 0.62 - row * (place + 1) + _BELOW) / height
        shape = (_WIDE / width, side / height)
        _predictions(tidy(figure.add_axes((_LEFT / width, below, *shape))), target)
        left = (2 * _LEFT + _WIDE + 0.15) / width
        _residuals(tidy(figure.add_axes((left, below, *shape))), target)
    return figure


def _predictions(axes: Axes, target: Predicted) -> None:
    true, said = np.array(target.true), np.array(target.predicted)
    low, high = _ends(true, said)
    _dots(axes, true, said)
    axes.plot([low, high], [low, high], color=COLORS[1], linewidth=1.2, label="predicted = true")
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    outside = int(np.count_nonzero((said < low) | (said > high)))
    scores = [] if target.r2 is None else [f"R² {target.r2:.3g}"]
    scores += [f"RMSE {target.rmse:.3g}", f"n {target.values}"]
    scores += [f"{len(said)} drawn"] if len(said) < target.values else []
    scores += [f"{outside} outside"] if outside else []
    axes.set_title(", ".join(scores), fontsize=9, loc="right", pad=5)
    axes.set_xlabel(f"true {target.name}", parse_math=False)
    axes.set_ylabel(f"predicted {target.name}", parse_math=False)
    axes.legend(frameon=False, loc="upper left", fontsize=9)


def _residuals(axes: Axes, target: Predicted) -> None:
    true, said = np.array(target.true), np.array(target.predicted)
    low, high = _ends(true, said)
    inside = (said >= low) & (said <= high)
    _dots(axes, said[inside], (said - true)[inside])
    axes.axhline(0, color=COLORS[1], linewidth=1.2)
    axes.axhline(target.bias, color="0.25", linewidth=1.2, linestyle=(0, (4, 3)))
    if inside.any():
        reach = 1.08 * float(np.abs((said - true)[inside]).max()) or 1.0
        axes.set_ylim(-reach, reach)
    axes.set_title(f"mean residual {target.bias:.3g} (dashed)", fontsize=9, loc="right", pad=5)
    axes.set_xlabel(f"predicted {target.name}", parse_math=False)
    axes.set_ylabel("residual: predicted - true")


def _dots(axes: Axes, x: Array, y: Array) -> None:
    axes.plot(x, y, "o", color=COLORS[0], markersize=4, alpha=0.5, markeredgewidth=0)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_locator(MaxNLocator(6))


def _ends(true: Array, said: Array) -> tuple[float, float]:
    """The limits of both axes: predictions far away from all true values are outside."""
    low, high = float(true.min()), float(true.max())
    span = (high - low) or max(abs(high), 1.0)
    near = said[(said >= low - span) & (said <= high + span)]
    low, high = min([low, *near.tolist()]), max([high, *near.tolist()])
    margin = 0.04 * ((high - low) or 1.0)
    return low - margin, high + margin
