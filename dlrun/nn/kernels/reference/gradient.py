"""Operations on gradients and weights around an optimizer's rule, on flat arrays."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array


def penalize(g: Array, w: Array, l1: float, l2: float) -> None:
    """g += l1 sign(w) + l2 w, the gradient of l1 |w| + l2 w^2 / 2."""
    g += l1 * np.sign(w) + l2 * w


def clip(g: Array, most: float) -> None:
    """Limit to -``most`` ... ``most``."""
    np.clip(g, -most, most, out=g)


def sum_of_squares(g: Array) -> float:
    """The sum of g^2."""
    return float(np.sum(np.square(g, dtype="float64")))


def scale(g: Array, factor: float) -> None:
    """g *= factor."""
    g *= factor


def accumulate(total: Array, g: Array, weight: float) -> None:
    """total += weight g."""
    total += weight * g


def approach(a: Array, w: Array, share: float) -> None:
    """a += share (w - a)."""
    a += share * (w - a)
