"""Batch normalization over the rows of a matrix, a column a channel.

Ioffe & Szegedy, "Batch normalization", ICML 2015.  Sums are taken in float64: over the 10^5 rows
of a batch of images, float32 would lose three digits.
"""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array


def moments(x: Array, mean: Array, variance: Array) -> None:
    """Mean and (biased) variance of every column of x: (rows, channels)."""
    mean[...] = x.mean(axis=0, dtype=np.float64)
    variance[...] = np.square(x - mean).mean(axis=0, dtype=np.float64)


def normalize(x: Array, mean: Array, inverse: Array, scale: Array, shift: Array, y: Array) -> None:
    """y = (x - mean) inverse scale + shift, ``inverse`` being 1 / standard deviation."""
    np.subtract(x, mean, out=y)
    np.multiply(y, inverse * scale, out=y)
    np.add(y, shift, out=y)


def normalize_backward(
    x: Array,
    mean: Array,
    inverse: Array,
    scale: Array,
    dy: Array,
    dscale: Array,
    dshift: Array,
    dx: Array | None,
) -> None:
    """Gradients through the batch's own statistics.

    With z = (x - mean) inverse and m rows: dshift = sum(dy), dscale = sum(dy z),
    dx = scale inverse (dy - dshift / m - z dscale / m).
    """
    z = (x - mean) * inverse
    dshift[...] = dy.sum(axis=0, dtype=np.float64)
    dscale[...] = (dy * z).sum(axis=0, dtype=np.float64)
    if dx is not None:
        np.subtract(dy, dshift / len(x), out=dx)
        dx -= z * (dscale / len(x))
        dx *= scale * inverse
