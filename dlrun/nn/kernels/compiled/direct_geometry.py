"""Distances in memory of convolutions as sums over taps: see ``direct``.

All distances and positions are counted in elements.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.kernels.reference.conv import Window

_MOST = 256
"""Shapes whose geometry is remembered."""


class Sums(NamedTuple):
    """Passes over a padded image; the results of a pass are sums over the same taps.

    Attributes:
        frame: shape of the padded image.
        top: zeros above the image.
        left: zeros left of the image.
        order: the taps of all passes, one after the other; None for all of them in their order.
        offsets: of these taps from a position in the padded image, int64.
        passes: (passes, 9) int64; the columns are the number of taps, the first position in the
            padded image, the distances to the next row of positions and to the next position, the
            same three of the results, and the rows of results and results in a row.
    """

    frame: Shape
    top: int
    left: int
    order: Array | None
    offsets: Array
    passes: Array

    @property
    def places(self) -> tuple[int, ...]:
        """Results in a row of each pass."""
        return tuple(self.passes[:, -1].tolist())


@lru_cache(_MOST)
def forward(x: Shape, kernel: Shape, y: Shape, window: Window) -> Sums:
    """One pass, with the taps of the kernel."""
    (stride, dilation, before), channels, (_, down, across, filters) = window, x[3], y
    height, width = _extents(kernel, y, window)
    offsets = _grid(kernel, dilation[0] * width * channels, dilation[1] * channels)
    row, step = stride[0] * width * channels, stride[1] * channels
    passes = [(offsets.size, 0, row, step, 0, across * filters, filters, down, across)]
    return Sums((height, width, channels), *before, None, offsets, np.array(passes))


@lru_cache(_MOST)
def backward(dy: Shape, kernel: Shape, dx: Shape, window: Window) -> Sums:
    """A pass for each residue of a pixel's position modulo the stride.

    The taps that reach a pixel depend on its residue: each pass is a convolution with the taps that
    reach it, over contiguous slopes.
    """
    (_, down, across, filters), (_, height, width, channels) = dy, dx
    (tall, wide, _, _), (stride, dilation, before) = kernel, window
    # Zeros for slopes beyond the output's edges, which pixels at the edges would reach.
    top = max(0, ((tall - 1) * dilation[0] - before[0] + stride[0] - 1) // stride[0])
    left = max(0, ((wide - 1) * dilation[1] - before[1] + stride[1] - 1) // stride[1])
    bottom = max(0, (height - 1 + before[0]) // stride[0] - (down - 1))
    right = max(0, (width - 1 + before[1]) // stride[1] - (across - 1))
    line = left + across + right
    order: list[int] = []
    offsets: list[int] = []
    passes = []
    for residue in np.ndindex(*stride):
        taps = 0
        for tap, (k, m) in enumerate(np.ndindex(tall, wide)):
            row, column = k * dilation[0] - residue[0], m * dilation[1] - residue[1]
            if row % stride[0] == 0 and column % stride[1] == 0:
                order.append(tap)
                offsets.append(-(row // stride[0] * line + column // stride[1]) * filters)
                taps += 1
        # The first slope whose pixel, at first + residue - before, is inside the image.
        i = (before[0] - residue[0] + stride[0] - 1) // stride[0]
        j = (before[1] - residue[1] + stride[1] - 1) // stride[1]
        row, column = i * stride[0] + residue[0] - before[0], j * stride[1] + residue[1] - before[1]
        passes.append(
            (
                *(taps, ((top + i) * line + left + j) * filters, line * filters, filters),
                *((row * width + column) * channels, stride[0] * width * channels),
                *(stride[1] * channels, -(-(height - row) // stride[0])),
                -(-(width - column) // stride[1]),
            )
        )
    return Sums(
        (top + down + bottom, line, filters),
        top,
        left,
        None if len(passes) == 1 else np.array(order, np.int64),
        np.array(offsets, np.int64),
        np.array(passes),
    )


@lru_cache(_MOST)
def lines_of_gradient(x: Shape, kernel: Shape, y: Shape, window: Window) -> tuple[Shape, Array]:
    """Shape of the padded image, and the offset of every row of the kernel's gradient in it."""
    height, width = _extents(kernel, y, window)
    channels, depth = x[3], kernel[2]
    taps = _grid(kernel, window.dilation[0] * width * channels, window.dilation[1] * channels)
    return (height, width, channels), (taps[:, None] + np.arange(depth)).reshape(-1)


def _extents(kernel: Shape, y: Shape, window: Window) -> tuple[int, int]:
    """Height and width of an image that the windows cover."""
    down, across = (
        (y[axis + 1] - 1) * window.stride[axis] + (kernel[axis] - 1) * window.dilation[axis] + 1
        for axis in (0, 1)
    )
    return down, across


def _grid(kernel: Shape, row: int, column: int) -> Array:
    """Offsets of the taps, one row of the kernel after the other, int64."""
    return np.add.outer(row * np.arange(kernel[0]), column * np.arange(kernel[1])).reshape(-1)
