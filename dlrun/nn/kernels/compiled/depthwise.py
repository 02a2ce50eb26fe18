"""Convolution with one filter per channel, whose vectors are the channels of a position."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel as compiled

_Two = tuple[int, int]


@compiled
def correlate(
    x: Array,
    kernel: Array,
    bias: Array,
    y: Array,
    stride: _Two,
    dilation: _Two,
    before: _Two,
    rectify: bool,
) -> None:
    """See ``reference.conv.correlate``, of as many groups as channels and filters."""
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
                    row = i * stride[0] + k * dilation[0] - before[0]
                    if row < 0 or row >= height:
                        continue
                    for m in range(wide):
                        column = j * stride[1] + m * dilation[1] - before[1]
                        if column < 0 or column >= width:
                            continue
                        pixel, weights = x[n, row, column], taps[k, m]
                        for c in range(channels):
                            result[c] += pixel[c] * weights[c]
                if rectify:
                    for c in range(channels):
                        result[c] = zero if result[c] < zero else result[c]
