"""The loss by learning rate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from dlrun.pictures.drawing import drawing
from dlrun.pictures.log_ticks import ruled
from dlrun.pictures.plots import save
from dlrun.pictures.style import framed

_LOSS, _SUGGESTION = "#0072B2", "#D55E00"
"""Blue and vermillion of Okabe & Ito's palette ("Color universal design", 2008)."""


def draw_lr_curve(
    path: Path,
    rates: Sequence[float],
    losses: Sequence[float],
    smoothed: Sequence[float],
    suggestion: float | None,
    title: str,
) -> None:
    """Draw the picture to a file; see ``lr_curve``.

    Raises:
        DataError: the file cannot be written.
    """
    with drawing():
        save(lr_curve(rates, losses, smoothed, suggestion, title), path)


def lr_curve(
    rates: Sequence[float],
    losses: Sequence[float],
    smoothed: Sequence[float],
    suggestion: float | None,
    title: str,
) -> Figure:
    """The figure: the loss of every step as a dot, the smoothed loss as a line.

    Args:
        rates: learning rates of the steps.
        losses: of the steps; finite.
        smoothed: means over neighbouring losses.
        suggestion: the learning rate to mark; None for none.
        title: shown above the figure.
    """
    figure, (axes,) = framed("Loss by learning rate", title)
    axes.plot(rates, losses, ".", color=_LOSS, alpha=0.35, markersize=5, label="loss of a step")
    axes.plot(rates, smoothed, color=_LOSS, linewidth=1.8, label="smoothed")
    if suggestion is not None:
        axes.axvline(suggestion, color="0.35", linestyle=(0, (4, 3)), linewidth=1.2, zorder=1)
        axes.plot(
            suggestion,
            smoothed[list(rates).index(suggestion)],
            "o",
            color=_SUGGESTION,
            markersize=8,
            label=f"falls fastest at {suggestion:.2g}",
        )
    ruled(axes.xaxis, rates)
    low, high = min(losses), max(smoothed[: len(smoothed) // 2])
    if high > low:  # a diverging loss is cut off at the top
        axes.set_ylim(low - 0.1 * (high - low), high + 0.5 * (high - low))
    axes.set_xlabel("learning rate")
    axes.set_ylabel("loss")
    axes.legend(frameon=False, loc="lower left")
    return figure
