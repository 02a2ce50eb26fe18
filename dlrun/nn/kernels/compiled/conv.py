"""Unrolling windows for convolution: see ``reference.conv``."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel
from dlrun.nn.kernels.reference.conv import Pads


@kernel
def unroll(x: Array, stride: tuple[int, int], pads: Pads, top: int, columns: Array) -> None:
    """Write the windows of some rows of the output as rows of a matrix."""
    count, height, width, channels = x.shape
    _, down, across, tall, wide, _ = columns.shape
    zero, length = x.dtype.type(0), wide * channels
    # A row of a window is one piece of memory, in the image and in the matrix.
    lines = x.reshape(count, height, width * channels)
    pieces = columns.reshape(count, down, across, tall, length)
    for n in range(count):
        for i in range(down):
            for k in range(tall):
                row = (top + i) * stride[0] + k - pads[0][0]
                if row < 0 or row >= height:
                    for j in range(across):
                        piece = pieces[n, i, j, k]
                        for m in range(length):
                            piece[m] = zero
                    continue
                line = lines[n, row]
                for j in range(across):
                    left = j * stride[1] - pads[1][0]
                    piece = pieces[n, i, j, k]
                    first, last = max(0, -left), min(wide, width - left)
                    if last - first < wide:
                        for m in range(length):
                            piece[m] = zero
                    source = line[(left + first) * channels : (left + last) * channels]
                    target = piece[first * channels : last * channels]
                    for m in range(source.size):
                        target[m] = source[m]


@kernel
def roll_up(columns: Array, stride: tuple[int, int], pads: Pads, top: int, x: Array) -> None:
    """Add to every pixel of x all window entries that came from it."""
    count, height, width, channels = x.shape
    _, down, across, tall, wide, _ = columns.shape
    lines = x.reshape(count, height, width * channels)
    pieces = columns.reshape(count, down, across, tall, wide * channels)
    for n in range(count):
        for i in range(down):
            for k in range(tall):
                row = (top + i) * stride[0] + k - pads[0][0]
                if row < 0 or row >= height:
                    continue
                line = lines[n, row]
                for j in range(across):
                    left = j * stride[1] - pads[1][0]
                    first, last = max(0, -left), min(wide, width - left)
                    source = pieces[n, i, j, k, first * channels : last * channels]
                    target = line[(left + first) * channels : (left + last) * channels]
                    for m in range(source.size):
                        target[m] += source[m]
