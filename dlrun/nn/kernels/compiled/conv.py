"""Unrolling windows for convolution: see ``reference.conv``."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel
from dlrun.nn.kernels.reference.conv import Pads


@kernel
def unroll(x: Array, stride: tuple[int, int], pads: Pads, columns: Array) -> None:
    """Write every window of the padded x as a row."""
    count, height, width, channels = x.shape
    _, down, across, kernel_height, kernel_width, _ = columns.shape
    zero = x.dtype.type(0)
    for n in range(count):
        for i in range(down):
            for k in range(kernel_height):
                row = i * stride[0] + k - pads[0][0]
                inside = 0 <= row < height
                for j in range(across):
                    left = j * stride[1] - pads[1][0]
                    target = columns[n, i, j, k]
                    # What of the window's row lies within the image is one piece of memory.
                    first = max(0, -left) if inside else kernel_width
                    last = min(kernel_width, width - left) if inside else kernel_width
                    for m in range(first):
                        for c in range(channels):
                            target[m, c] = zero
                    for m in range(first, last):
                        for c in range(channels):
                            target[m, c] = x[n, row, left + m, c]
                    for m in range(max(first, last), kernel_width):
                        for c in range(channels):
                            target[m, c] = zero


@kernel
def roll_up(columns: Array, stride: tuple[int, int], pads: Pads, x: Array) -> None:
    """Write to x the sums of all window entries that came from each pixel."""
    count, height, width, channels = x.shape
    _, down, across, kernel_height, kernel_width, _ = columns.shape
    x[...] = x.dtype.type(0)
    for n in range(count):
        for i in range(down):
            for k in range(kernel_height):
                row = i * stride[0] + k - pads[0][0]
                if row < 0 or row >= height:
                    continue
                for j in range(across):
                    left = j * stride[1] - pads[1][0]
                    source = columns[n, i, j, k]
                    for m in range(max(0, -left), min(kernel_width, width - left)):
                        for c in range(channels):
                            x[n, row, left + m, c] += source[m, c]
