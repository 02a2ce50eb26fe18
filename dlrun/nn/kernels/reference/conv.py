"""Convolution as a matrix product over unrolled windows (channels last)."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array

Pads = tuple[tuple[int, int], tuple[int, int]]
"""Rows above and below, columns left and right."""


def unroll(x: Array, stride: tuple[int, int], pads: Pads, top: int, columns: Array) -> None:
    """Write the windows of some rows of the output as rows of a matrix ("im2col").

    Args:
        x: (n, height, width, channels).
        stride: between windows, down and across.
        pads: zeros around each image.
        top: the first of the output's rows.
        columns: (n, rows of the output, out width, kernel height, kernel width, channels), written.
    """
    down, kernel = columns.shape[1], columns.shape[3:5]
    padded = np.pad(x, ((0, 0), *pads, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel, axis=(1, 2))
    strided = windows[:, :: stride[0], :: stride[1]][:, top : top + down]
    columns[...] = strided.transpose(0, 1, 2, 4, 5, 3)


def roll_up(columns: Array, stride: tuple[int, int], pads: Pads, top: int, x: Array) -> None:
    """Add to every pixel of x all window entries that came from it ("col2im")."""
    n, height, width, channels = x.shape
    (above, below), (left, right) = pads
    padded = np.zeros((n, above + height + below, left + width + right, channels), x.dtype)
    _, down, across, tall, wide, _ = columns.shape
    for i in range(tall):
        for j in range(wide):
            first = top * stride[0] + i
            rows = slice(first, first + stride[0] * down, stride[0])
            cols = slice(j, j + stride[1] * across, stride[1])
            padded[:, rows, cols] += columns[:, :, :, i, j]
    x += padded[:, above : above + height, left : left + width]


def unroll_plane(x: Array, stride: tuple[int, int], pads: Pads, top: int, columns: Array) -> None:
    """Write the windows of images of one channel as columns of a matrix.

    A pixel of all windows is then one piece of memory per row of the image; a window of one
    channel would be pieces of three numbers.

    Args:
        x: (n, height, width, 1).
        stride: between windows, down and across.
        pads: zeros around each image.
        top: the first of the output's rows.
        columns: (kernel height, kernel width, n, rows of the output, out width), written.
    """
    unroll(x, stride, pads, top, columns.transpose(2, 3, 4, 0, 1)[..., None])
