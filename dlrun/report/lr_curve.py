"""The loss by learning rate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from dlrun.report.drawing import drawing
from dlrun.report.plots import save

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
    """Draw the picture into a file; see ``lr_curve``.

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
    """The figure: every step's loss as a point, the smoothed loss as a line.

    Args:
        rates: of the steps.
        losses: of the steps; finite.
        smoothed: a mean over neighbours.
        suggestion: the rate to mark; None marks none.
        title: stands above.
    """
    figure = Figure(figsize=(6.4, 4.2), dpi=120, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, fontsize="large", parse_math=False)
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
    axes.set_xscale("log")
    low, high = min(losses), max(smoothed[: len(smoothed) // 2])
    if high > low:  # a loss that diverges leaves through the top; what matters is below
        axes.set_ylim(low - 0.1 * (high - low), high + 0.5 * (high - low))
    axes.set_xlabel("learning rate")
    axes.set_ylabel("loss")
    axes.legend(frameon=False, loc="lower left")
    axes.grid(color="0.88", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
