"""Convolution as a matrix product over unrolled windows (channels last)."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array

Pads = tuple[tuple[int, int], tuple[int, int]]
"""Rows above and below, columns left and right."""


def unroll(x: Array, stride: tuple[int, int], pads: Pads, columns: Array) -> None:
    """Write every window of the padded x as a row ("im2col").

    Args:
        x: (n, height, width, channels).
        stride: between windows, down and across.
        pads: zeros around each image.
        columns: (n, out height, out width, kernel height, kernel width, channels), written.
    """
    kernel = columns.shape[3:5]
    padded = np.pad(x, ((0, 0), *pads, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel, axis=(1, 2))
    strided = windows[:, :: stride[0], :: stride[1]]
    columns[...] = strided.transpose(0, 1, 2, 4, 5, 3)


def roll_up(columns: Array, stride: tuple[int, int], pads: Pads, x: Array) -> None:
    """Write to x the sums of all window entries that came from each pixel ("col2im")."""
    n, height, width, channels = x.shape
    (top, bottom), (left, right) = pads
    padded = np.zeros((n, top + height + bottom, left + width + right, channels), x.dtype)
    _, out_height, out_width, kernel_height, kernel_width, _ = columns.shape
    for i in range(kernel_height):
        for j in range(kernel_width):
            rows = slice(i, i + stride[0] * out_height, stride[0])
            cols = slice(j, j + stride[1] * out_width, stride[1])
            padded[:, rows, cols] += columns[:, :, :, i, j]
    x[...] = padded[:, top : top + height, left : left + width]
