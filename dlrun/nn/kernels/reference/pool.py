"""Pooling over windows (channels last); pixels outside the image are ignored."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dlrun.arrays import Array

_Two = tuple[int, int]
_Place = tuple[slice, slice, slice]


def max_pool(x: Array, y: Array, where: Array, size: _Two, stride: _Two, before: _Two) -> None:
    """y = the largest element of each window; ``where`` is its index (the first of equals).

    NaN counts as largest, so that it is not hidden.

    Args:
        x: (n, height, width, channels).
        y: (n, down, across, channels), written.
        where: of the shape of y, written.
        size: height and width of a window.
        stride: between two windows, down and across.
        before: rows of the first window above the image, and columns left of it.
    """
    y[...] = -np.inf
    where[...] = 0
    for number, windows, pixels in _taps(x, y, size, stride, before):
        larger = (x[pixels] > y[windows]) | np.isnan(x[pixels])
        np.copyto(y[windows], x[pixels], where=larger)
        where[windows][larger] = number


def max_pool_backward(
    dy: Array, where: Array, dx: Array, size: _Two, stride: _Two, before: _Two
) -> None:
    """dx = dy at the largest pixel, summed over windows; 0 for all others."""
    dx[...] = 0
    for number, windows, pixels in _taps(dx, dy, size, stride, before):
        dx[pixels] += dy[windows] * (where[windows] == number)


def average_pool(x: Array, y: Array, size: _Two, stride: _Two, before: _Two) -> None:
    """y = the mean of each window."""
    y[...] = 0
    for _, windows, pixels in _taps(x, y, size, stride, before):
        y[windows] += x[pixels]
    y /= _counts(x, y, size, stride, before)


def average_pool_backward(dy: Array, dx: Array, size: _Two, stride: _Two, before: _Two) -> None:
    """dx = dy / (pixels of a window), summed over windows."""
    dx[...] = 0
    shares = dy / _counts(dx, dy, size, stride, before)
    for _, windows, pixels in _taps(dx, dy, size, stride, before):
        dx[pixels] += shares[windows]


def _counts(x: Array, y: Array, size: _Two, stride: _Two, before: _Two) -> Array:
    """Number of pixels of every window: (1, down, across, 1)."""
    counts = np.zeros((1, *y.shape[1:3], 1), y.dtype)
    for _, windows, _ in _taps(x, y, size, stride, before):
        counts[windows] += 1
    return counts


def _taps(
    x: Array, y: Array, size: _Two, stride: _Two, before: _Two
) -> Iterator[tuple[int, _Place, _Place]]:
    """For every window position: its index, the windows with a pixel there, and these pixels."""
    for i, j in np.ndindex(*size):
        down = _line(i, x.shape[1], y.shape[1], stride[0], before[0])
        across = _line(j, x.shape[2], y.shape[2], stride[1], before[1])
        number = i * size[1] + j
        yield number, (slice(None), down[0], across[0]), (slice(None), down[1], across[1])


def _line(tap: int, pixels: int, windows: int, stride: int, before: int) -> tuple[slice, slice]:
    """Windows along an axis whose pixel ``tap`` is inside the image, and these pixels."""
    first = max(0, -((tap - before) // stride))
    last = max(first, min(windows, (pixels - 1 + before - tap) // stride + 1))
    start = first * stride + tap - before
    return slice(first, last), slice(start, start + (last - first) * stride, stride)
