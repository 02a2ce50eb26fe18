"""Pooling over windows (channels last, no padding; a remainder at the far edge is left out)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dlrun.arrays import Array


def _windows(
    x: Array, y: Array, size: tuple[int, int], stride: tuple[int, int]
) -> Iterator[tuple[int, Array]]:
    """For every place in the window: its number, and the view of x with one pixel an output."""
    _, height, width, _ = y.shape
    for i in range(size[0]):
        for j in range(size[1]):
            rows = slice(i, i + stride[0] * height, stride[0])
            cols = slice(j, j + stride[1] * width, stride[1])
            yield i * size[1] + j, x[:, rows, cols]


def max_pool(
    x: Array, y: Array, where: Array, size: tuple[int, int], stride: tuple[int, int]
) -> None:
    """y = the largest of each window; ``where`` its number in the window (the first of equals).

    NaN counts as largest, so that it is not hidden.
    """
    for number, pixels in _windows(x, y, size, stride):
        if number == 0:
            y[...] = pixels
            where[...] = 0
        else:
            larger = (pixels > y) | np.isnan(pixels)
            np.copyto(y, pixels, where=larger)
            where[larger] = number


def max_pool_backward(
    dy: Array, where: Array, dx: Array, size: tuple[int, int], stride: tuple[int, int]
) -> None:
    """dx = dy at the pixel that was the largest, summed over windows; 0 elsewhere."""
    dx[...] = 0
    for number, pixels in _windows(dx, dy, size, stride):
        pixels += dy * (where == number)


def average_pool(x: Array, y: Array, size: tuple[int, int], stride: tuple[int, int]) -> None:
    """y = the mean of each window."""
    y[...] = 0
    for _, pixels in _windows(x, y, size, stride):
        y += pixels
    y /= size[0] * size[1]


def average_pool_backward(
    dy: Array, dx: Array, size: tuple[int, int], stride: tuple[int, int]
) -> None:
    """dx = dy / (pixels of a window), summed over windows."""
    dx[...] = 0
    share = dy / (size[0] * size[1])
    for _, pixels in _windows(dx, dy, size, stride):
        pixels += share
