"""Pooling: see ``reference.pool``."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel

_Two = tuple[int, int]


@kernel
def max_pool(x: Array, y: Array, where: Array, size: _Two, stride: _Two, before: _Two) -> None:
    """y = the largest element of each window; ``where`` is its index in the window."""
    count, down, across, channels = y.shape
    _, height, width, _ = x.shape
    least = x.dtype.type(-np.inf)
    for n in range(count):
        for i in range(down):
            for j in range(across):
                best, index = y[n, i, j], where[n, i, j]
                for c in range(channels):
                    best[c] = least
                    index[c] = 0
                for k in range(size[0] * size[1]):
                    row = i * stride[0] + k // size[1] - before[0]
                    column = j * stride[1] + k % size[1] - before[1]
                    if row < 0 or row >= height or column < 0 or column >= width:
                        continue
                    pixel, number = x[n, row, column], where.dtype.type(k)
                    for c in range(channels):
                        larger = pixel[c] > best[c] or np.isnan(pixel[c])
                        best[c] = pixel[c] if larger else best[c]
                        index[c] = number if larger else index[c]


@kernel
def max_pool_backward(
    dy: Array, where: Array, dx: Array, size: _Two, stride: _Two, before: _Two
) -> None:
    """dx = dy at the largest pixel, summed over windows; 0 for all others."""
    count, down, across, channels = dy.shape
    _, height, width, _ = dx.shape
    zero = dx.dtype.type(0)
    dx[...] = zero
    for n in range(count):
        for i in range(down):
            for j in range(across):
                slope, index = dy[n, i, j], where[n, i, j]
                for k in range(size[0] * size[1]):
                    row = i * stride[0] + k // size[1] - before[0]
                    column = j * stride[1] + k % size[1] - before[1]
                    if row < 0 or row >= height or column < 0 or column >= width:
                        continue
                    pixel, number = dx[n, row, column], where.dtype.type(k)
                    for c in range(channels):
                        pixel[c] += slope[c] if index[c] == number else zero


@kernel
def average_pool(x: Array, y: Array, size: _Two, stride: _Two, before: _Two) -> None:
    """y = the mean of each window."""
    count, down, across, channels = y.shape
    _, height, width, _ = x.shape
    y[...] = x.dtype.type(0)
    for n in range(count):
        for i in range(down):
            for j in range(across):
                mean, pixels = y[n, i, j], 0
                for k in range(size[0] * size[1]):
                    row = i * stride[0] + k // size[1] - before[0]
                    column = j * stride[1] + k % size[1] - before[1]
                    if row < 0 or row >= height or column < 0 or column >= width:
                        continue
                    pixel = x[n, row, column]
                    pixels += 1
                    for c in range(channels):
                        mean[c] += pixel[c]
                share = x.dtype.type(1 / pixels)
                for c in range(channels):
                    mean[c] *= share


@kernel
def average_pool_backward(dy: Array, dx: Array, size: _Two, stride: _Two, before: _Two) -> None:
    """dx = dy / (pixels of a window), summed over windows."""
    count, down, across, channels = dy.shape
    _, height, width, _ = dx.shape
    dx[...] = dx.dtype.type(0)
    for n in range(count):
        for i in range(down):
            # Pixels of the window inside the image: the first, and the end.
            top, bottom = i * stride[0] - before[0], i * stride[0] - before[0] + size[0]
            top, bottom = max(top, 0), min(bottom, height)
            for j in range(across):
                left, right = j * stride[1] - before[1], j * stride[1] - before[1] + size[1]
                left, right = max(left, 0), min(right, width)
                slope = dy[n, i, j]
                share = dx.dtype.type(1 / ((bottom - top) * (right - left)))
                for row in range(top, bottom):
                    for column in range(left, right):
                        pixel = dx[n, row, column]
                        for c in range(channels):
                            pixel[c] += slope[c] * share
