"""Pooling: see ``reference.pool``."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel
from dlrun.nn.kernels.compiled.pool_windows import add_to_largest, largest_pixels

_Two = tuple[int, int]


@kernel
def max_pool(x: Array, y: Array, where: Array, size: _Two, stride: _Two, before: _Two) -> None:
    """y = the largest element of each window; ``where`` is its index in the window."""
    count, down, across, channels = y.shape
    _, height, width, _ = x.shape
    for n in range(count):
        for i in range(down):
            top = i * stride[0] - before[0]
            largest_pixels(
                *(x, y, where, (n * height + top) * width * channels),
                *((n * down + i) * across * channels, across),
                *(max(0, -top), min(size[0], height - top)),
                *(size[1], stride[1], before[1], width, channels),
            )


@kernel
def max_pool_backward(
    dy: Array, where: Array, dx: Array, size: _Two, stride: _Two, before: _Two
) -> None:
    """dx = dy at the largest pixel, summed over windows; 0 for all others."""
    count, down, across, channels = dy.shape
    _, height, width, _ = dx.shape
    dx[...] = dx.dtype.type(0)
    for n in range(count):
        for i in range(down):
            top = i * stride[0] - before[0]
            add_to_largest(
                *(dx, dy, where, (n * height + top) * width * channels),
                *((n * down + i) * across * channels, across),
                *(max(0, -top), min(size[0], height - top)),
                *(size[1], stride[1], before[1], width, channels),
            )


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
