"""Convolution as sums over taps, with results in registers.

Windows are never copied out.  An image is copied into a frame of zeros, so that every tap is at a
fixed distance from a position, and tiles of results loop over the taps.
"""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.direct_geometry import Sums, backward, forward, lines_of_gradient
from dlrun.nn.kernels.compiled.jit import kernel as compiled
from dlrun.nn.kernels.compiled.padded_rows import clear, place_rows
from dlrun.nn.kernels.compiled.programs import (
    add_places,
    add_taps,
    program,
    programs,
    whole_vectors,
)
from dlrun.nn.kernels.compiled.tiles import PLACES, TAPS
from dlrun.nn.kernels.reference.conv import Window


def correlate(
    x: Array, kernel: Array, bias: Array, y: Array, window: Window, groups: int, rectify: bool
) -> None:
    """See ``reference.conv.correlate``."""
    tall, wide, depth, filters = kernel.shape
    own = filters // groups
    full = whole_vectors(own, x.dtype)
    sums = forward(x.shape, kernel.shape, y.shape, window)
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
    sums = backward(dy.shape, kernel.shape, dx.shape, window)
    taps = kernel.reshape(-1, depth, groups, own)
    weights = np.zeros((groups, tall * wide, own, full), dx.dtype)
    ordered = taps if sums.order is None else taps[sums.order]
    weights[..., :depth] = ordered.transpose(2, 0, 3, 1)
    start = np.zeros((groups, full), dx.dtype)
    _run(sums, dy, weights, start, dx, groups, full, False)


def _run(
    sums: Sums,
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
        offsets: see ``Sums``.
        passes: see ``Sums``.
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


def kernel_gradient(x: Array, dy: Array, dkernel: Array, window: Window, groups: int) -> None:
    """See ``reference.conv.kernel_gradient``."""
    frame, offsets = lines_of_gradient(x.shape, dkernel.shape, dy.shape, window)
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
