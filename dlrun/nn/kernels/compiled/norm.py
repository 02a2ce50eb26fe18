"""Batch normalization: see ``reference.norm``."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel, part
from dlrun.nn.kernels.compiled.norm_rows import (
    add_rows,
    add_slopes,
    backward_rows,
    normalize_rows,
)
from dlrun.nn.kernels.compiled.norm_windows import (
    add_pooled_slopes,
    backward_windows,
    pool_windows,
)

_BLOCK = 64
"""Rows that are summed in the dtype of x before float64 is used."""

_NEAR = 4096
"""Elements of rows that are processed together; of more, some would displace others in the cache,
because those of a channel are far apart."""


@part
def _together(channels: int) -> int:
    """Number of rows that are processed together."""
    return max(1, min(_BLOCK, _NEAR // channels))


@kernel
def sums(x: Array, found: Array) -> None:
    """First row, and sums over the rows of the differences from it and of their squares."""
    rows, channels = x.shape
    near, total, square, step = x[0], found[1], found[2], _together(channels)
    one, two = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    for c in range(channels):
        found[0, c] = near[c]
        total[c] = 0.0
        square[c] = 0.0
    for start in range(0, rows, _BLOCK):
        one[:] = x.dtype.type(0)
        two[:] = x.dtype.type(0)
        end = min(start + _BLOCK, rows)
        for first in range(start, end, step):
            add_rows(x, first, min(step, end - first), channels, one, two)
        for c in range(channels):
            total[c] += one[c]
            square[c] += two[c]


@kernel
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
    """The statistics of a batch, from those of its pieces, in their order."""
    pieces, _, channels = found.shape
    rows = 0.0
    for n in range(pieces):
        rows += counts[n]
    for c in range(channels):
        middle = 0.0
        for n in range(pieces):
            middle += counts[n] * found[n, 0, c] + found[n, 1, c]
        middle /= rows
        squares = 0.0
        for n in range(pieces):
            own = found[n, 1, c] / counts[n]
            away = found[n, 0, c] + own - middle
            squares += found[n, 2, c] - own * found[n, 1, c] + counts[n] * away * away
        squares = max(squares, 0.0) if squares == squares else squares  # NaN stays NaN
        mean[c] = middle
        inverse[c] = 1.0 / np.sqrt(squares / rows + eps)
        running[c] += momentum * (middle - running[c])
        spread[c] += momentum * (squares / max(rows - 1.0, 1.0) - spread[c])


@kernel
def normalize(
    x: Array, mean: Array, inverse: Array, scale: Array, shift: Array, y: Array, rectify: bool
) -> None:
    """y = z scale + shift, z = (x - mean) inverse, and max(y, 0) if ``rectify``."""
    rows, channels = x.shape
    factor, offset = _affine(mean, inverse, scale, shift)
    step = _together(channels)
    for first in range(0, rows, step):
        count = min(step, rows - first)
        normalize_rows(x, y, first, count, channels, factor, offset, int(rectify))


@part
def _affine(mean: Array, inverse: Array, scale: Array, shift: Array) -> tuple[Array, Array]:
    """Factor and offset of x, for z scale + shift."""
    factor, offset = np.empty_like(mean), np.empty_like(mean)
    for c in range(mean.size):
        factor[c] = inverse[c] * scale[c]
        offset[c] = shift[c] - mean[c] * factor[c]
    return factor, offset


@kernel
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
    """found[0], found[1] = sums over the rows of dy and of dy z, in float64."""
    rows, channels = x.shape
    total, product, step = found[0], found[1], _together(channels)
    one, two = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    total[:] = 0.0
    product[:] = 0.0
    for start in range(0, rows, _BLOCK):
        one[:] = x.dtype.type(0)
        two[:] = x.dtype.type(0)
        end = min(start + _BLOCK, rows)
        for first in range(start, end, step):
            add_slopes(
                *(x, dy, first, min(step, end - first), channels),
                *(mean, inverse, scale, shift, int(rectify), one, two),
            )
        for c in range(channels):
            total[c] += one[c]
            product[c] += two[c]


@kernel
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
    rows, channels = x.shape
    part = x.dtype.type(share)
    factor, middle = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    tilt = np.empty(channels, x.dtype)
    for c in range(channels):
        factor[c] = scale[c] * inverse[c]
        middle[c] = dshift[c] * part
        tilt[c] = dscale[c] * part
    step = _together(channels)
    for first in range(0, rows, step):
        backward_rows(
            *(x, dy, dx, first, min(step, rows - first), channels),
            *(mean, inverse, scale, shift, int(rectify), middle, tilt, factor),
        )


@kernel
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
    """y = the largest of max(z scale + shift, 0) in each window; ``where`` is its index."""
    count, down, across, channels = y.shape
    tall, wide = windows
    line = wide * across * channels
    factor, offset = _affine(mean, inverse, scale, shift)
    for row in range(count * down):
        pool_windows(
            *(x, y, where, row * tall * line, row * across * channels),
            *(across, tall, wide, line, channels, factor, offset),
        )


@kernel
def pooled_slope_sums(
    x: Array,
    mean: Array,
    inverse: Array,
    dy: Array,
    where: Array,
    windows: tuple[int, int],
    found: Array,
) -> None:
    """Sums of dy and of dy z, over the largest element of each window."""
    count, down, across, channels = dy.shape
    tall, wide = windows
    line = wide * across * channels
    one, two = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    total, product = found[0], found[1]
    total[:] = 0.0
    product[:] = 0.0
    for row in range(count * down):
        one[:] = x.dtype.type(0)
        two[:] = x.dtype.type(0)
        add_pooled_slopes(
            *(x, dy, where, row * tall * line, row * across * channels),
            *(across, tall, wide, line, channels, mean, one, two),
        )
        for c in range(channels):
            total[c] += one[c]
            product[c] += two[c] * inverse[c]


@kernel
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
    """dx = scale inverse (dy, at the largest element, - share dshift - z share dscale)."""
    count, down, across, channels = dy.shape
    tall, wide = windows
    line = wide * across * channels
    part = x.dtype.type(share)
    # dx = factor dy - (middle + tilt x): first the terms that are the same for all pixels.
    factor, middle = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    tilt = np.empty(channels, x.dtype)
    for c in range(channels):
        factor[c] = scale[c] * inverse[c]
        tilt[c] = factor[c] * inverse[c] * dscale[c] * part
        middle[c] = factor[c] * dshift[c] * part - mean[c] * tilt[c]
    for row in range(count * down):
        backward_windows(
            *(x, dy, where, dx, row * tall * line, row * across * channels),
            *(across, tall, wide, line, channels, factor, middle, tilt),
        )
