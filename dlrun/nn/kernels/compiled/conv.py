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


@kernel
def unroll_plane(x: Array, stride: tuple[int, int], pads: Pads, top: int, columns: Array) -> None:
    """Write the windows of images of one channel as columns of a matrix."""
    count, height, width, _ = x.shape
    tall, wide, _, down, across = columns.shape
    zero = x.dtype.type(0)
    planes = x.reshape(count, height, width)
    for k in range(tall):
        for m in range(wide):
            # Places across at which this pixel of the window lies within the image.
            first = max(0, (pads[1][0] - m + stride[1] - 1) // stride[1])
            last = min(across, (width - 1 - m + pads[1][0]) // stride[1] + 1)
            for n in range(count):
                for i in range(down):
                    row = (top + i) * stride[0] + k - pads[0][0]
                    target = columns[k, m, n, i]
                    if row < 0 or row >= height or first >= last:
                        for j in range(across):
                            target[j] = zero
                        continue
                    for j in range(first):
                        target[j] = zero
                    for j in range(last, across):
                        target[j] = zero
                    source = planes[n, row, first * stride[1] + m - pads[1][0] :]
                    inner = target[first:last]
                    if stride[1] == 1:
                        for j in range(inner.size):
                            inner[j] = source[j]
                    else:
                        for j in range(inner.size):
                            inner[j] = source[j * stride[1]]
