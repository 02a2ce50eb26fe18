"""Convolution as sums over taps, with results in registers.

Windows are never copied out.  An image is copied into a frame of zeros, so that every tap is at a
fixed distance from a position, and tiles of results loop over the taps.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.kernels.compiled.jit import kernel as compiled
from dlrun.nn.kernels.compiled.padded_rows import clear, place_rows
from dlrun.nn.kernels.compiled.tiles import (
    PLACES,
    TAPS,
    add_places,
    add_taps,
    program,
    programs,
    whole_vectors,
)
from dlrun.nn.kernels.reference.conv import Window

_MOST = 256
"""Shapes whose geometry is remembered."""


class _Sums(NamedTuple):
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


def correlate(
    x: Array, kernel: Array, bias: Array, y: Array, window: Window, groups: int, rectify: bool
) -> None:
    """See ``reference.conv.correlate``."""
    tall, wide, depth, filters = kernel.shape
    own = filters // groups
    full = whole_vectors(own, x.dtype)
    sums = _forward(x.shape, kernel.shape, y.shape, window)
    weights, start = kernel, bias
    if own != full or groups > 1:
        weights = np.zeros((groups, tall * wide, depth, full), x.dtype)
        weights[..., :own] = kernel.reshape(-1, depth, groups, own).transpose(2, 0, 1, 3)
        start = np.zeros((groups, full), x.dtype)
        start[:, :own] = bias.reshape(groups, own)
    _run(sums, x, weights, start, y, groups, full, rectify)


def input_gradient(dy: Array, kernel: Array, dx: Array, window: Window, groups: int) -> None:
    """See ``reference.conv.input_gradient``."""
    tall, wide, depth, filters = kernel.shape
    own, full = filters // groups, whole_vectors(depth, dx.dtype)
    sums = _backward(dy.shape, kernel.shape, dx.shape, window)
    taps = kernel.reshape(-1, depth, groups, own)
    weights = np.zeros((groups, tall * wide, own, full), dx.dtype)
    ordered = taps if sums.order is None else taps[sums.order]
    weights[..., :depth] = ordered.transpose(2, 0, 3, 1)
    start = np.zeros((groups, full), dx.dtype)
    _run(sums, dy, weights, start, dx, groups, full, False)


def _run(
    sums: _Sums,
    x: Array,
    weights: Array,
    start: Array,
    y: Array,
    groups: int,
    full: int,
    rectify: bool,
) -> None:
    calls, ends = programs(TAPS, x.dtype, sums.places, y.shape[3] // groups)
    padded = np.zeros(sums.frame, x.dtype)
    _add_passes(
        *(x, weights, start, y, padded, sums.top, sums.left, sums.offsets, sums.passes),
        *(calls, ends, groups, full, rectify),
    )


@compiled
def _add_passes(
    x: Array,
    weights: Array,
    start: Array,
    y: Array,
    padded: Array,
    top: int,
    left: int,
    offsets: Array,
    passes: Array,
    calls: Array,
    ends: Array,
    groups: int,
    full: int,
    rectify: bool,
) -> None:
    """y = start + the sums of all passes.

    Args:
        x: (n, height, width, channels).
        weights: (groups, taps, channels / groups, full), in any shape.
        start: (groups, full), in any shape.
        y: (n, height, width, channels), written.
        padded: zeros.
        top: zeros above x.
        left: zeros left of x.
        offsets: see ``_Sums``.
        passes: see ``_Sums``.
        calls: a program for each pass.
        ends: where each program ends.
        groups: of channels of x and y that are connected.
        full: results of a group in whole vectors.
        rectify: whether to write max(y, 0).
    """
    count, height, width, channels = x.shape
    depth, own = channels // groups, y.shape[3] // groups
    size = y.shape[1] * y.shape[2] * y.shape[3]
    lines, line, _ = padded.shape
    for n in range(count):
        place_rows(x, n, height, width, channels, -top, left, padded, lines, line, channels)
        first_tap, first_call = 0, 0
        for p in range(passes.shape[0]):
            for g in range(groups):
                add_taps(
                    padded,
                    passes[p, 1] + g * depth,
                    passes[p, 2],
                    passes[p, 3],
                    offsets,
                    first_tap,
                    passes[p, 0],
                    depth,
                    weights,
                    (g * offsets.size + first_tap) * depth * full,
                    full,
                    start,
                    g * full,
                    y,
                    n * size + passes[p, 4] + g * own,
                    passes[p, 5],
                    passes[p, 6],
                    passes[p, 7],
                    own,
                    rectify,
                    calls,
                    first_call,
                    ends[p],
                )
            first_tap += passes[p, 0]
            first_call = ends[p]


@lru_cache(_MOST)
def _forward(x: Shape, kernel: Shape, y: Shape, window: Window) -> _Sums:
    """One pass, with the taps of the kernel."""
    (stride, dilation, before), channels, (_, down, across, filters) = window, x[3], y
    height, width = _extents(kernel, y, window)
    offsets = _grid(kernel, dilation[0] * width * channels, dilation[1] * channels)
    row, step = stride[0] * width * channels, stride[1] * channels
    passes = [(offsets.size, 0, row, step, 0, across * filters, filters, down, across)]
    return _Sums((height, width, channels), *before, None, offsets, np.array(passes))


@lru_cache(_MOST)
def _backward(dy: Shape, kernel: Shape, dx: Shape, window: Window) -> _Sums:
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
    return _Sums(
        (top + down + bottom, line, filters),
        top,
        left,
        None if len(passes) == 1 else np.array(order, np.int64),
        np.array(offsets, np.int64),
        np.array(passes),
    )


def kernel_gradient(x: Array, dy: Array, dkernel: Array, window: Window, groups: int) -> None:
    """See ``reference.conv.kernel_gradient``."""
    frame, offsets = _lines(x.shape, dkernel.shape, dy.shape, window)
    _add_images(
        *(x, dy, dkernel, np.zeros(frame, x.dtype), *window.before, *window.stride),
        *(offsets, groups, program(PLACES, x.dtype, offsets.size, dy.shape[3] // groups)),
    )


@compiled
def _add_images(
    x: Array,
    dy: Array,
    dkernel: Array,
    padded: Array,
    top: int,
    left: int,
    stride_down: int,
    stride_across: int,
    offsets: Array,
    groups: int,
    calls: Array,
) -> None:
    count, height, width, channels = x.shape
    _, down, across, filters = dy.shape
    lines, line, _ = padded.shape
    depth, own = channels // groups, filters // groups
    clear(dkernel)
    for n in range(count):
        place_rows(x, n, height, width, channels, -top, left, padded, lines, line, channels)
        for g in range(groups):
            add_places(
                padded,
                g * depth,
                stride_down * line * channels,
                stride_across * channels,
                offsets,
                dy,
                n * down * across * filters + g * own,
                across * filters,
                filters,
                down,
                across,
                dkernel,
                g * own,
                filters,
                own,
                calls,
            )


@lru_cache(_MOST)
def _lines(x: Shape, kernel: Shape, y: Shape, window: Window) -> tuple[Shape, Array]:
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
