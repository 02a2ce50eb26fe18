"""Images resampled at other positions: see ``reference.resample``."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel, part
from dlrun.nn.kernels.reference.resample import FAR

__all__ = ["resample"]


@kernel
def resample(x: Array, inverse: Array, border: int, fill: float, y: Array) -> None:
    """Write y[i, row, column] = x[i] at inverse[i] (column, row, 1), between four pixels."""
    n, height, width, channels = x.shape
    for i in range(n):
        m, image, drawn = inverse[i], x[i], y[i]
        flat = m[2, 0] == 0.0 and m[2, 1] == 0.0 and m[2, 2] == 1.0
        for row in range(height):
            u0, v0 = m[0, 1] * row + m[0, 2], m[1, 1] * row + m[1, 2]
            s0 = m[2, 1] * row + m[2, 2]
            for column in range(width):
                u, v = m[0, 0] * column + u0, m[1, 0] * column + v0
                if not flat:
                    scale = m[2, 0] * column + s0
                    u, v = _bounded(u / scale), _bounded(v / scale)
                left, top = int(np.floor(u)), int(np.floor(v))
                across, down = x.dtype.type(u - left), x.dtype.type(v - top)
                if 0 <= left < width - 1 and 0 <= top < height - 1:
                    for c in range(channels):
                        upper = image[top, left, c]
                        upper += across * (image[top, left + 1, c] - upper)
                        lower = image[top + 1, left, c]
                        lower += across * (image[top + 1, left + 1, c] - lower)
                        drawn[row, column, c] = upper + down * (lower - upper)
                else:
                    a = _place(top, height, border), _place(top + 1, height, border)
                    b = _place(left, width, border), _place(left + 1, width, border)
                    for c in range(channels):
                        upper = _pixel(image, a[0], b[0], c, fill)
                        upper += across * (_pixel(image, a[0], b[1], c, fill) - upper)
                        lower = _pixel(image, a[1], b[0], c, fill)
                        lower += across * (_pixel(image, a[1], b[1], c, fill) - lower)
                        drawn[row, column, c] = upper + down * (lower - upper)


@part
def _bounded(place: float) -> float:
    if not -FAR < place < FAR:  # also if it is NaN
        return -FAR if place <= -FAR else FAR
    return place


@part
def _place(place: int, length: int, border: int) -> int:
    """The row or column inside for one that may be outside; -1 for none."""
    if border == 2 and length > 1:
        place %= 2 * (length - 1)
        place = min(place, 2 * (length - 1) - place)
    if 0 <= place < length:
        return place
    if border == 0:
        return -1
    return 0 if place < 0 else length - 1


@part
def _pixel(image: Array, row: int, column: int, channel: int, fill: float) -> float:
    if row < 0 or column < 0:
        filled: float = image.dtype.type(fill)
        return filled
    found: float = image[row, column, channel]
    return found
