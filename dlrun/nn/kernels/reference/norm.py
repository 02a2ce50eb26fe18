"""Batch normalization over the rows of a matrix, a column a channel.

Ioffe & Szegedy, "Batch normalization", ICML 2015.  Rows come in pieces, whose sums are added up
in float64: over the 10^5 rows of a batch of images, float32 would lose three digits.
"""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array


def sums(x: Array, near: Array, total: Array, square: Array) -> None:
    """Sums over the rows of d = x - near and of d^2.

    The variance is the difference of two means; they are small where ``near``, any row of the
    batch, is near the rest, so no digits are lost in it.

    Args:
        x: (rows, channels).
        near: (channels,).
        total: (channels,) float64, written.
        square: (channels,) float64, written.
    """
    d = x - near
    total[...] = d.sum(axis=0, dtype=np.float64)
    square[...] = np.square(d).sum(axis=0, dtype=np.float64)


def normalize(
    x: Array, mean: Array, inverse: Array, scale: Array, shift: Array, y: Array, rectify: bool
) -> None:
    """y = z scale + shift, z = (x - mean) inverse; ``inverse`` is 1 / standard deviation.

    Where ``rectify``, y = max(z scale + shift, 0): a relu behind the layer, done in one go.
    """
    np.subtract(x, mean, out=y)
    np.multiply(y, inverse * scale, out=y)
    np.add(y, shift, out=y)
    if rectify:
        np.maximum(y, 0, out=y)


def slope_sums(
    x: Array,
    mean: Array,
    inverse: Array,
    scale: Array,
    shift: Array,
    dy: Array,
    rectify: bool,
    total: Array,
    product: Array,
) -> None:
    """Sums over the rows of dy and of dy z, in float64: the gradients of shift and scale."""
    z, slope = _parts(x, mean, inverse, scale, shift, dy, rectify)
    total[...] = slope.sum(axis=0, dtype=np.float64)
    product[...] = (slope * z).sum(axis=0, dtype=np.float64)


def normalize_backward(
    x: Array,
    mean: Array,
    inverse: Array,
    scale: Array,
    shift: Array,
    dy: Array,
    rectify: bool,
    dshift: Array,
    dscale: Array,
    rows: int,
    dx: Array,
) -> None:
    """dx = scale inverse (dy - dshift / rows - z dscale / rows), ``rows`` those of the batch."""
    z, slope = _parts(x, mean, inverse, scale, shift, dy, rectify)
    np.subtract(slope, dshift / x.dtype.type(rows), out=dx)
    dx -= z * (dscale / x.dtype.type(rows))
    dx *= scale * inverse


def _parts(
    x: Array, mean: Array, inverse: Array, scale: Array, shift: Array, dy: Array, rectify: bool
) -> tuple[Array, Array]:
    """z, and dy as it is before the relu."""
    z = (x - mean) * inverse
    return z, dy * (z * scale + shift > 0) if rectify else dy
