"""Pooling: see ``reference.pool``."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel


@kernel
def max_pool(
    x: Array, y: Array, where: Array, size: tuple[int, int], stride: tuple[int, int]
) -> None:
    """y = the largest of each window; ``where`` its number in the window."""
    count, height, width, channels = y.shape
    for n in range(count):
        for i in range(height):
            for j in range(width):
                best, index = y[n, i, j], where[n, i, j]
                for k in range(size[0] * size[1]):
                    pixel = x[n, i * stride[0] + k // size[1], j * stride[1] + k % size[1]]
                    if k == 0:
                        for c in range(channels):
                            best[c] = pixel[c]
                            index[c] = 0
                    else:
                        for c in range(channels):
                            larger = pixel[c] > best[c] or np.isnan(pixel[c])
                            best[c] = pixel[c] if larger else best[c]
                            index[c] = k if larger else index[c]


@kernel
def max_pool_backward(
    dy: Array, where: Array, dx: Array, size: tuple[int, int], stride: tuple[int, int]
) -> None:
    """dx = dy at the pixel that was the largest, summed over windows; 0 elsewhere."""
    count, height, width, channels = dy.shape
    zero = dx.dtype.type(0)
    dx[...] = zero
    for n in range(count):
        for i in range(height):
            for j in range(width):
                slope, index = dy[n, i, j], where[n, i, j]
                for k in range(size[0] * size[1]):
                    pixel = dx[n, i * stride[0] + k // size[1], j * stride[1] + k % size[1]]
                    for c in range(channels):
                        pixel[c] += slope[c] if index[c] == k else zero


@kernel
def average_pool(x: Array, y: Array, size: tuple[int, int], stride: tuple[int, int]) -> None:
    """y = the mean of each window."""
    count, height, width, channels = y.shape
    share = x.dtype.type(1 / (size[0] * size[1]))
    y[...] = x.dtype.type(0)
    for n in range(count):
        for i in range(height):
            for j in range(width):
                mean = y[n, i, j]
                for k in range(size[0] * size[1]):
                    pixel = x[n, i * stride[0] + k // size[1], j * stride[1] + k % size[1]]
                    for c in range(channels):
                        mean[c] += pixel[c] * share


@kernel
def average_pool_backward(
    dy: Array, dx: Array, size: tuple[int, int], stride: tuple[int, int]
) -> None:
    """dx = dy / (pixels of a window), summed over windows."""
    count, height, width, channels = dy.shape
    share = dx.dtype.type(1 / (size[0] * size[1]))
    dx[...] = dx.dtype.type(0)
    for n in range(count):
        for i in range(height):
            for j in range(width):
                slope = dy[n, i, j]
                for k in range(size[0] * size[1]):
                    pixel = dx[n, i * stride[0] + k // size[1], j * stride[1] + k % size[1]]
                    for c in range(channels):
                        pixel[c] += slope[c] * share
