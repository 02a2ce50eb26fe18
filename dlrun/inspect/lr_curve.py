"""The curve of the loss over learning rates, and where it falls fastest."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array

_FALL = 0.02
"""Fraction of its first value by which the loss must fall for a suggestion."""


_NOISE = 2.0
"""The loss must also fall by this many standard deviations of single losses around the curve; the
curve of a loss that only fluctuates has a smaller range."""


def smoothed_curve(losses: Array, width: float) -> Array:
    """Means over neighbours, with Gaussian weights of standard deviation ``width``."""
    places = np.arange(len(losses))
    weights = np.exp(-0.5 * np.square((places[:, None] - places) / width))
    means: Array = weights @ losses / weights.sum(axis=1)
    return means


def falls_fastest(rates: list[float], losses: Array, smoothed: Array, bottom: int) -> float | None:
    """The rate at which the curve falls fastest; None if it hardly falls.

    Args:
        rates: learning rate of each step.
        losses: (steps,), of each step.
        smoothed: (steps,), the curve.
        bottom: the step at which the curve is smallest.
    """
    first, noise = float(smoothed[0]), float((losses - smoothed)[: bottom + 1].std())
    if bottom < 2 or first - smoothed[bottom] < max(_FALL * abs(first), _NOISE * noise):
        return None
    slopes = np.gradient(smoothed[: bottom + 1], np.log(rates[: bottom + 1]))
    return rates[int(slopes.argmin())]
