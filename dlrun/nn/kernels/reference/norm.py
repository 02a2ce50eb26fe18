"""Batch normalization over the rows of a matrix, one column per channel.

Ioffe & Szegedy, "Batch normalization", ICML 2015.  Rows come in pieces, whose sums are added in
float64: over the 10^5 rows of a batch of images, float32 would lose three digits.
"""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array


def sums(x: Array, found: Array) -> None:
    """The sums of a piece of a batch for ``merge``.

    Args:
        x: (rows, channels).
        found: (3, channels) float64, written: the first row, and the sums over the rows of the
            differences from it and of their squares.  The variance is a difference of two means;
            with differences from any row these are small, so no digits are lost.
    """
    d = x - x[0]
    found[0] = x[0]
    found[1] = d.sum(axis=0, dtype=np.float64)
    found[2] = np.square(d).sum(axis=0, dtype=np.float64)


def merge(
    found: Array,
    counts: Array,
    eps: float,
    momentum: float,
    mean: Array,
    inverse: Array,
    running: Array,
    spread: Array,
) -> None:
    """The statistics of a batch, from those of its pieces, in their order.

    Chan, Golub & LeVeque, "Algorithms for computing the sample variance", 1983.

    Args:
        found: (pieces, 3, channels), from ``sums`` for each.
        counts: (pieces,) float64, number of rows of each.
        eps: added to the variance.
        momentum: weight of this batch in the running statistics.
        mean: (channels,), written.
        inverse: (channels,), written: 1 / standard deviation.
        running: (channels,), the running mean, updated.
        spread: (channels,), the running variance, unbiased (divided by rows - 1), updated.
    """
    near, total, square = found[:, 0], found[:, 1], found[:, 2]
    each, rows = counts[:, None], counts.sum()
    means = near + total / each
    middle = (each * means).sum(axis=0) / rows
    squares = np.maximum(
        (square - np.square(total) / each + each * np.square(means - middle)).sum(axis=0), 0.0
    )
    mean[...] = middle
    inverse[...] = 1.0 / np.sqrt(squares / rows + eps)
    running += momentum * (middle - running)
    spread += momentum * (squares / max(rows - 1.0, 1.0) - spread)


def normalize(
    x: Array, mean: Array, inverse: Array, scale: Array, shift: Array, y: Array, rectify: bool
) -> None:
    """y = z scale + shift, z = (x - mean) inverse; ``inverse`` is 1 / standard deviation.

    If ``rectify``, y = max(z scale + shift, 0): a relu after the layer, in the same pass.
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
    found: Array,
) -> None:
    """found[0], found[1] = sums over the rows of dy and of dy z, in float64.

    Summed over the pieces of a batch they are the gradients of shift and scale.
    """
    z, slope = _parts(x, mean, inverse, scale, shift, dy, rectify)
    found[0] = slope.sum(axis=0, dtype=np.float64)
    found[1] = (slope * z).sum(axis=0, dtype=np.float64)


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
    share: float,
    dx: Array,
) -> None:
    """dx = scale inverse (dy - share dshift - z share dscale), share 1 / rows of the batch."""
    z, slope = _parts(x, mean, inverse, scale, shift, dy, rectify)
    np.subtract(slope, dshift * x.dtype.type(share), out=dx)
    dx -= z * (dscale * x.dtype.type(share))
    dx *= scale * inverse


def normalize_pool(
    x: Array,
    mean: Array,
    inverse: Array,
    scale: Array,
    shift: Array,
    y: Array,
    where: Array,
    windows: tuple[int, int],
) -> None:
    """y = the largest of max(z scale + shift, 0) in each window.

    Args:
        x: (n, height, width, channels), covered by adjacent windows.
        mean: (channels,).
        inverse: (channels,).
        scale: (channels,).
        shift: (channels,).
        y: (n, windows down, windows across, channels), written.
        where: of the shape of y, written: the index of the largest element in its window or, where
            y is 0 and has no slope, an index beyond the window.
        windows: height and width of a window.
    """
    normalized = np.empty_like(x)
    normalize(x, mean, inverse, scale, shift, normalized, False)
    pixels = _pixels(normalized, windows)
    where[...] = pixels.argmax(axis=3)
    np.maximum(pixels.max(axis=3), 0, out=y)
    where[y == 0] = pixels.shape[3]


def pooled_slope_sums(
    x: Array,
    mean: Array,
    inverse: Array,
    dy: Array,
    where: Array,
    windows: tuple[int, int],
    found: Array,
) -> None:
    """``slope_sums`` for ``normalize_pool``."""
    z = (_pixels(x, windows) - mean) * inverse
    slope = _spread(dy, where, windows)
    found[0] = slope.sum(axis=(0, 1, 2, 3), dtype=np.float64)
    found[1] = (slope * z).sum(axis=(0, 1, 2, 3), dtype=np.float64)


def pooled_normalize_backward(
    x: Array,
    mean: Array,
    inverse: Array,
    scale: Array,
    dy: Array,
    where: Array,
    windows: tuple[int, int],
    dshift: Array,
    dscale: Array,
    share: float,
    dx: Array,
) -> None:
    """``normalize_backward`` for ``normalize_pool``."""
    part = x.dtype.type(share)
    z = (_pixels(x, windows) - mean) * inverse
    slope = _spread(dy, where, windows) - dshift * part - z * (dscale * part)
    n, down, across, _, channels = slope.shape
    tall, wide = windows
    image = (slope * (scale * inverse)).reshape(n, down, across, tall, wide, channels)
    dx[...] = image.swapaxes(2, 3).reshape(dx.shape)


def _pixels(x: Array, windows: tuple[int, int]) -> Array:
    """The pixels of each window: (n, down, across, pixels, channels)."""
    n, height, width, channels = x.shape
    tall, wide = windows
    cut = x.reshape(n, height // tall, tall, width // wide, wide, channels)
    return cut.swapaxes(2, 3).reshape(n, height // tall, width // wide, tall * wide, channels)


def _spread(dy: Array, where: Array, windows: tuple[int, int]) -> Array:
    """dy at the largest pixels, 0 for all others: (n, down, across, pixels, channels)."""
    pixels = np.arange(windows[0] * windows[1])[:, None]
    return np.where(where[:, :, :, None] == pixels, dy[:, :, :, None], dy.dtype.type(0))


def _parts(
    x: Array, mean: Array, inverse: Array, scale: Array, shift: Array, dy: Array, rectify: bool
) -> tuple[Array, Array]:
    """z, and dy before the relu."""
    z = (x - mean) * inverse
    return z, dy * (z * scale + shift > 0) if rectify else dy
