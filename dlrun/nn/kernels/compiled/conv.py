"""Convolution of images: see ``reference.conv``.

Windows are never copied out.  An image is copied into a frame of zeros, so that every tap is at a
fixed distance from a position, and tiles of results loop over the taps.  Kernels three taps wide
use ``winograd`` instead, if there are enough channels and filters.
"""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled import winograd
from dlrun.nn.kernels.compiled.jit import kernel as compiled
from dlrun.nn.kernels.compiled.padded_rows import place_rows
from dlrun.nn.kernels.compiled.tiles import add_places, add_taps
from dlrun.nn.kernels.compiled.vectors import VECTOR_BYTES
from dlrun.nn.kernels.reference.conv import Window


@compiled
def correlate(
    x: Array, kernel: Array, bias: Array, y: Array, window: Window, groups: int, rectify: bool
) -> None:
    """y[i, j] = bias + sum over taps (k, l) of x[i stride + k dilation - before] kernel[k, l]."""
    count, _, _, channels = x.shape
    _, down, across, filters = y.shape
    tall, wide, depth, _ = kernel.shape
    own = filters // groups
    if depth == 1 and own == 1:
        _depthwise(x, kernel, bias, y, window, rectify)
        return
    if _takes_winograd(kernel, window, groups):
        winograd.correlate(x, kernel, bias, y, window.before[0], window.before[1], rectify)
        return
    height = (down - 1) * window.stride[0] + (tall - 1) * window.dilation[0] + 1
    width = (across - 1) * window.stride[1] + (wide - 1) * window.dilation[1] + 1
    padded = np.zeros((height, width, channels), x.dtype)
    offsets = np.empty(tall * wide, np.int64)
    for k in range(tall):
        for m in range(wide):
            row, column = k * window.dilation[0], m * window.dilation[1]
            offsets[k * wide + m] = (row * width + column) * channels
    lanes = VECTOR_BYTES // x.itemsize
    full = (own + lanes - 1) // lanes * lanes
    weights = np.zeros((groups, tall * wide, depth, full), x.dtype)
    start = np.zeros((groups, full), x.dtype)
    for g in range(groups):
        for f in range(own):
            start[g, f] = bias[g * own + f]
        for t in range(tall * wide):
            for c in range(depth):
                for f in range(own):
                    weights[g, t, c, f] = kernel[t // wide, t % wide, c, g * own + f]
    for n in range(count):
        place_rows(x[n], -window.before[0], window.before[1], padded)
        for g in range(groups):
            add_taps(
                padded.reshape(-1),
                g * depth,
                window.stride[0] * width * channels,
                window.stride[1] * channels,
                offsets,
                weights[g],
                start[g],
                y[n].reshape(-1),
                g * own,
                across * filters,
                filters,
                down,
                across,
                own,
                rectify,
            )


@compiled
def input_gradient(dy: Array, kernel: Array, dx: Array, window: Window, groups: int) -> None:
    """dx, (n, height, width, channels), written: the gradient of the input of ``correlate``.

    With a stride, the taps that reach a pixel depend on its position modulo the stride: each
    residue is a separate convolution, with the taps that reach it, over contiguous slopes.
    """
    count, down, across, filters = dy.shape
    _, height, width, channels = dx.shape
    tall, wide, depth, _ = kernel.shape
    own = filters // groups
    if _takes_winograd(kernel, window, groups) and window.before[1] < wide:
        turned = np.empty((tall, wide, filters, channels), kernel.dtype)
        for k in range(tall):
            for m in range(wide):
                for c in range(channels):
                    for f in range(filters):
                        turned[k, m, f, c] = kernel[tall - 1 - k, wide - 1 - m, c, f]
        nothing = np.zeros(channels, dx.dtype)
        top, left = tall - 1 - window.before[0], wide - 1 - window.before[1]
        winograd.correlate(dy, turned, nothing, dx, top, left, False)
        return
    lanes = VECTOR_BYTES // dx.itemsize
    full = (depth + lanes - 1) // lanes * lanes
    start = np.zeros(full, dx.dtype)
    stride, dilation, before = window.stride, window.dilation, window.before
    # Zeros for slopes beyond the output's edges, which pixels at the edges would reach.
    top = max(0, ((tall - 1) * dilation[0] - before[0] + stride[0] - 1) // stride[0])
    left = max(0, ((wide - 1) * dilation[1] - before[1] + stride[1] - 1) // stride[1])
    bottom = max(0, (height - 1 + before[0]) // stride[0] - (down - 1))
    right = max(0, (width - 1 + before[1]) // stride[1] - (across - 1))
    line = left + across + right
    padded = np.zeros((top + down + bottom, line, filters), dx.dtype)
    for turn in range(stride[0] * stride[1]):
        residue = (turn // stride[1], turn % stride[1])
        taps = 0
        offsets = np.empty(tall * wide, np.int64)
        weights = np.zeros((groups, tall * wide, own, full), dx.dtype)
        for k in range(tall):
            for m in range(wide):
                row, column = k * dilation[0] - residue[0], m * dilation[1] - residue[1]
                if row % stride[0] or column % stride[1]:
                    continue
                offsets[taps] = -(row // stride[0] * line + column // stride[1]) * filters
                for g in range(groups):
                    for f in range(own):
                        for c in range(depth):
                            weights[g, taps, f, c] = kernel[k, m, c, g * own + f]
                taps += 1
        # The first slope whose pixel, at first + residue - before, is inside the image.
        i = (before[0] - residue[0] + stride[0] - 1) // stride[0]
        j = (before[1] - residue[1] + stride[1] - 1) // stride[1]
        row, column = i * stride[0] + residue[0] - before[0], j * stride[1] + residue[1] - before[1]
        rows = (height - row + stride[0] - 1) // stride[0]
        places = (width - column + stride[1] - 1) // stride[1]
        for n in range(count):
            place_rows(dy[n], -top, left, padded)
            for g in range(groups):
                add_taps(
                    padded.reshape(-1),
                    ((top + i) * line + left + j) * filters + g * own,
                    line * filters,
                    filters,
                    offsets[:taps],
                    weights[g],
                    start,
                    dx[n].reshape(-1),
                    (row * width + column) * channels + g * depth,
                    stride[0] * width * channels,
                    stride[1] * channels,
                    rows,
                    places,
                    depth,
                    False,
                )


@compiled
def kernel_gradient(x: Array, dy: Array, dkernel: Array, window: Window, groups: int) -> None:
    """dkernel, of the kernel's shape, written: the gradient of the kernel of ``correlate``."""
    count, _, _, channels = x.shape
    _, down, across, filters = dy.shape
    tall, wide, depth, _ = dkernel.shape
    own = filters // groups
    if _takes_winograd(dkernel, window, groups):
        winograd.kernel_gradient(x, dy, dkernel, window.before[0], window.before[1])
        return
    height = (down - 1) * window.stride[0] + (tall - 1) * window.dilation[0] + 1
    width = (across - 1) * window.stride[1] + (wide - 1) * window.dilation[1] + 1
    padded = np.zeros((height, width, channels), x.dtype)
    lines = tall * wide * depth
    offsets = np.empty(lines, np.int64)
    for k in range(tall):
        for m in range(wide):
            place = k * window.dilation[0] * width + m * window.dilation[1]
            for c in range(depth):
                offsets[(k * wide + m) * depth + c] = place * channels + c
    flat = dkernel.reshape(-1)
    flat[:] = 0
    for n in range(count):
        place_rows(x[n], -window.before[0], window.before[1], padded)
        for g in range(groups):
            add_places(
                padded.reshape(-1),
                g * depth,
                window.stride[0] * width * channels,
                window.stride[1] * channels,
                offsets,
                dy[n].reshape(-1),
                g * own,
                across * filters,
                filters,
                down,
                across,
                flat,
                g * own,
                filters,
                own,
            )


@compiled
def _takes_winograd(kernel: Array, window: Window, groups: int) -> bool:
    _, wide, channels, filters = kernel.shape
    simple = window.stride == (1, 1) and window.dilation == (1, 1) and groups == 1
    return wide == 3 and simple and winograd.pays(channels, filters)


@compiled
def _depthwise(
    x: Array, kernel: Array, bias: Array, y: Array, window: Window, rectify: bool
) -> None:
    """One filter per channel: the vectors are the channels of a position, side by side."""
    count, height, width, channels = x.shape
    _, down, across, _ = y.shape
    tall, wide, _, _ = kernel.shape
    taps = kernel.reshape(tall, wide, channels)
    zero = x.dtype.type(0)
    for n in range(count):
        for i in range(down):
            for j in range(across):
                result = y[n, i, j]
                for c in range(channels):
                    result[c] = bias[c]
                for k in range(tall):
                    row = i * window.stride[0] + k * window.dilation[0] - window.before[0]
                    if row < 0 or row >= height:
                        continue
                    for m in range(wide):
                        column = j * window.stride[1] + m * window.dilation[1] - window.before[1]
                        if column < 0 or column >= width:
                            continue
                        pixel, weights = x[n, row, column], taps[k, m]
                        for c in range(channels):
                            result[c] += pixel[c] * weights[c]
                if rectify:
                    for c in range(channels):
                        result[c] = zero if result[c] < zero else result[c]
