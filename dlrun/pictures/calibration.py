"""Reliability: predicted probabilities against the fraction that is correct."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from dlrun.pictures.palette import COLORS
from dlrun.pictures.style import legend_above, tidy, titled
from dlrun.run_directory.curves import Calibration, Curves

_WIDTH, _LEFT = 4.6, 0.75
_UPPER, _LOWER = 3.0, 0.8
"""Heights of both panels in inches."""


def calibration(curves: Curves, found: Calibration, which: str) -> Figure:
    """The figure: accuracy by confidence, and below it how many samples each bin has."""
    width, height = _LEFT + _WIDTH + 0.25, 0.62 + 0.24 + _UPPER + 0.2 + _LOWER + 0.55
    figure = Figure(figsize=(width, height), dpi=120)
    error = f"calibration_error {found.calibration_error:.3g}"
    titled(figure, f"Calibration on the {curves.set} set: {error}", which)
    left, wide = _LEFT / width, _WIDTH / width
    below = (0.55 + _LOWER + 0.2) / height
    upper = tidy(figure.add_axes((left, below, wide, _UPPER / height)))
    lower = tidy(figure.add_axes((left, 0.55 / height, wide, _LOWER / height), sharex=upper))
    counts = np.array(found.counts)
    edges = np.linspace(0, 1, len(counts) + 1)
    middles, bar = (edges[1:] + edges[:-1]) / 2, 0.92 / len(counts)
    full = counts > 0
    upper.plot([0, 1], [0, 1], color="0.5", linewidth=1, linestyle=":", label="perfect")
    upper.plot(
        np.array(found.confidence)[full],
        np.array(found.accuracy)[full],
        "o-",
        color=COLORS[0],
        markersize=5,
        linewidth=1.4,
        label=f"bins of width {1 / len(counts):.2g}",
    )
    lower.bar(middles, counts, bar, color=COLORS[0], alpha=0.6)
    first = edges[:-1][full].min()
    low = 0.0 if first < 0.3 else float(first) - 0.02
    upper.set_xlim(low, 1.02)
    upper.set_ylim(-0.02, 1.02)
    upper.tick_params(axis="x", labelbottom=False)
    upper.set_ylabel("fraction that is correct")
    lower.set_ylabel("samples")
    lower.set_xlabel("probability of the predicted class")
    legend_above(upper, 2)
    return figure
