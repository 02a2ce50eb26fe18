"""Images resampled at other positions, by bilinear interpolation."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array

__all__ = ["resample"]


def resample(x: Array, inverse: Array, border: int, fill: float, y: Array) -> None:
    """Write y[i, row, column] = x[i] at inverse[i] (column, row, 1), between four pixels.

    Args:
        x: (n, height, width, channels).
        inverse: (n, 3, 3) float64, from (column, row, 1) to (s column', s row', s).
        border: values beyond x: 0 ``fill``, 1 the nearest pixel, 2 the mirror image, in which the
            outermost pixels are not repeated.
        fill: for border 0.
        y: as x, written; not the same array.
    """
    _, height, width, _ = x.shape
    columns, rows = np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64)[:, None]
    m = inverse.transpose(1, 2, 0)[..., None, None]
    u, v, scale = (line[0] * columns + (line[1] * rows + line[2]) for line in m)
    if (inverse[:, 2] != (0.0, 0.0, 1.0)).any():
        with np.errstate(all="ignore"):  # the horizon of a perspective may cross the image
            u, v = _bounded(u / scale), _bounded(v / scale)
    left, top = np.floor(u), np.floor(v)
    across, down = ((place - np.floor(place)).astype(x.dtype)[..., None] for place in (u, v))
    left, top = left.astype(np.int64), top.astype(np.int64)
    upper = _between(x, top, left, across, border, fill)
    lower = _between(x, top + 1, left, across, border, fill)
    np.add(upper, down * (lower - upper), out=y)


FAR = 1e6
"""Pixels from the origin beyond which positions are clipped."""


def _bounded(places: Array) -> Array:
    bounded: Array = np.clip(np.nan_to_num(places, nan=FAR), -FAR, FAR)
    return bounded


def _between(x: Array, rows: Array, left: Array, across: Array, border: int, fill: float) -> Array:
    first = _pixels(x, rows, left, border, fill)
    second = _pixels(x, rows, left + 1, border, fill)
    between: Array = first + across * (second - first)
    return between


def _pixels(x: Array, rows: Array, columns: Array, border: int, fill: float) -> Array:
    n, height, width, channels = x.shape
    row, row_outside = _places(rows, height, border)
    column, column_outside = _places(columns, width, border)
    image = (np.arange(n) * (height * width))[:, None, None]
    found: Array = np.take(x.reshape(-1, channels), image + row * width + column, axis=0)
    if border == 0:
        found[row_outside | column_outside] = fill
    return found


def _places(place: Array, length: int, border: int) -> tuple[Array, Array]:
    """Rows or columns inside for ones that may be outside, and which of them are."""
    if border == 2 and length > 1:
        place = place % (2 * (length - 1))
        place = np.minimum(place, 2 * (length - 1) - place)
    inside = np.clip(place, 0, length - 1)
    return inside, inside != place
