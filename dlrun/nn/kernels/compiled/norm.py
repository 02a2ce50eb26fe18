"""Batch normalization: see ``reference.norm``."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel

_BLOCK = 64
"""Rows that are summed in the dtype of x before float64 is used."""


@kernel
def sums(x: Array, found: Array) -> None:
    """First row, and sums over the rows of the differences from it and of their squares."""
    rows, channels = x.shape
    near, total, square = x[0], found[1], found[2]
    one, two = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    for c in range(channels):
        found[0, c] = near[c]
        total[c] = 0.0
        square[c] = 0.0
    for start in range(0, rows, _BLOCK):
        one[:] = x.dtype.type(0)
        two[:] = x.dtype.type(0)
        for i in range(start, min(start + _BLOCK, rows)):
            for c in range(channels):
                d = x[i, c] - near[c]
                one[c] += d
                two[c] += d * d
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
    zero = x.dtype.type(0)
    factor, offset = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    for c in range(channels):
        factor[c] = inverse[c] * scale[c]
        offset[c] = shift[c] - mean[c] * factor[c]
    if rectify:
        for i in range(rows):
            for c in range(channels):
                v = x[i, c] * factor[c] + offset[c]
                y[i, c] = zero if v < zero else v
    else:
        for i in range(rows):
            for c in range(channels):
                y[i, c] = x[i, c] * factor[c] + offset[c]


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
    total, product = found[0], found[1]
    zero = x.dtype.type(0)
    one, two = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    total[:] = 0.0
    product[:] = 0.0
    for start in range(0, rows, _BLOCK):
        one[:] = zero
        two[:] = zero
        for i in range(start, min(start + _BLOCK, rows)):
            if rectify:
                for c in range(channels):
                    z = (x[i, c] - mean[c]) * inverse[c]
                    slope = dy[i, c] if z * scale[c] + shift[c] > zero else zero
                    one[c] += slope
                    two[c] += slope * z
            else:
                for c in range(channels):
                    z = (x[i, c] - mean[c]) * inverse[c]
                    one[c] += dy[i, c]
                    two[c] += dy[i, c] * z
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
    own, channels = x.shape
    zero, part = x.dtype.type(0), x.dtype.type(share)
    for i in range(own):
        if rectify:
            for c in range(channels):
                z = (x[i, c] - mean[c]) * inverse[c]
                slope = dy[i, c] if z * scale[c] + shift[c] > zero else zero
                rest = slope - dshift[c] * part - z * dscale[c] * part
                dx[i, c] = scale[c] * inverse[c] * rest
        else:
            for c in range(channels):
                z = (x[i, c] - mean[c]) * inverse[c]
                rest = dy[i, c] - dshift[c] * part - z * dscale[c] * part
                dx[i, c] = scale[c] * inverse[c] * rest


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
    zero, none = x.dtype.type(0), tall * wide
    factor, offset = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    for c in range(channels):
        factor[c] = inverse[c] * scale[c]
        offset[c] = shift[c] - mean[c] * factor[c]
    for n in range(count):
        for i in range(down):
            for j in range(across):
                best, index = y[n, i, j], where[n, i, j]
                for c in range(channels):
                    best[c] = zero
                    index[c] = none
                for k in range(none):
                    pixel = x[n, i * tall + k // wide, j * wide + k % wide]
                    for c in range(channels):
                        v = pixel[c] * factor[c] + offset[c]
                        larger = not v <= best[c]  # in this order NaN is kept
                        best[c] = v if larger else best[c]
                        index[c] = k if larger else index[c]


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
    zero = x.dtype.type(0)
    one, two = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    total, product = found[0], found[1]
    total[:] = 0.0
    product[:] = 0.0
    for n in range(count):
        for i in range(down):
            one[:] = zero
            two[:] = zero
            for j in range(across):
                slope, index = dy[n, i, j], where[n, i, j]
                for k in range(tall * wide):
                    pixel = x[n, i * tall + k // wide, j * wide + k % wide]
                    number = where.dtype.type(k)
                    for c in range(channels):
                        own = slope[c] if index[c] == number else zero
                        one[c] += own
                        two[c] += own * (pixel[c] - mean[c])
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
    zero, part = x.dtype.type(0), x.dtype.type(share)
    # dx = factor dy - (middle + tilt x): first the terms that are the same for all pixels.
    factor, middle = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    tilt = np.empty(channels, x.dtype)
    for c in range(channels):
        factor[c] = scale[c] * inverse[c]
        tilt[c] = factor[c] * inverse[c] * dscale[c] * part
        middle[c] = factor[c] * dshift[c] * part - mean[c] * tilt[c]
    for n in range(count):
        for i in range(down):
            for j in range(across):
                slope, index = dy[n, i, j], where[n, i, j]
                for k in range(tall * wide):
                    row, column = i * tall + k // wide, j * wide + k % wide
                    pixel, target = x[n, row, column], dx[n, row, column]
                    number = where.dtype.type(k)
                    for c in range(channels):
                        own = slope[c] if index[c] == number else zero
                        target[c] = factor[c] * own - middle[c] - tilt[c] * pixel[c]
