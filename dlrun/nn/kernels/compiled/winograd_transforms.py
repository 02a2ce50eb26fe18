"""The linear transforms of Winograd's convolution: see ``winograd``.

Four adjacent results of a row depend on six pixels d of a channel.  With the matrices B, G and A
below, these sums of products with three taps g are A' [(G g) (B' d)], where the product in the
middle is elementwise.  The gradient of the taps is G' [(B' d) (A dy)], summed over places.

A *frequency* is one of the six elements in the middle, a *tile* is four adjacent places in a row.
Transformed arrays are (frequency, row, tile, channel), with channels and filters padded with zeros
to whole vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba.core import cgutils

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel as compiled
from dlrun.nn.kernels.compiled.vectors import I64, Flat, Vectors, vector_code

TILE, PIXELS = 4, 6

_B = (  # transposed: frequencies of pixels
    (4, 0, -5, 0, 1, 0),
    (0, -4, -4, 1, 1, 0),
    (0, 4, -4, -1, 1, 0),
    (0, -2, -1, 2, 1, 0),
    (0, 2, -1, -2, 1, 0),
    (0, 4, 0, -5, 0, 1),
)
_G = np.array(  # frequencies of taps
    [
        (1 / 4, 0, 0),
        (-1 / 6, -1 / 6, -1 / 6),
        (-1 / 6, 1 / 6, -1 / 6),
        (1 / 24, 1 / 12, 1 / 6),
        (1 / 24, -1 / 12, 1 / 6),
        (0, 0, 1),
    ]
)
_A = (  # transposed: results of frequencies
    (1, 1, 1, 1, 1, 0),
    (0, 1, -1, 2, -2, 0),
    (0, 1, 1, 4, 4, 0),
    (0, 1, -1, 8, -8, 1),
)


@compiled
def frequencies_of_taps(taps: Array, full: int) -> Array:
    """G g for every row, channel and filter: (frequency, row, channel, filter)."""
    tall, _, channels, filters = taps.shape
    result = np.zeros((PIXELS, tall, channels, full), taps.dtype)
    for n in range(PIXELS):
        a, b, c = _G[n]
        left, middle, right = taps.dtype.type(a), taps.dtype.type(b), taps.dtype.type(c)
        for k in range(tall):
            for m in range(channels):
                g, target = taps[k, :, m], result[n, k, m]
                for f in range(filters):
                    target[f] = left * g[0, f] + middle * g[1, f] + right * g[2, f]
    return result


@compiled
def taps_of_frequencies(gradient: Array, dtaps: Array) -> None:
    """dtaps = G' gradient."""
    tall, _, channels, filters = dtaps.shape
    for k in range(tall):
        for tap in range(3):
            for m in range(channels):
                target = dtaps[k, tap, m]
                for f in range(filters):
                    target[f] = dtaps.dtype.type(0)
                for n in range(PIXELS):
                    weight, source = dtaps.dtype.type(_G[n, tap]), gradient[n, k * channels + m]
                    for f in range(filters):
                        target[f] += weight * source[f]


@vector_code
def frequencies_of_pixels(
    v: Vectors, x: Flat, first: Any, step: Any, seen: Flat, seen_first: Any, apart: Any
) -> None:
    """B' d of the six pixels from ``first`` on, for all channels.

    Args:
        v: writes the code.
        x: pixels in a row, ``step`` apart.
        first: where the tile starts.
        step: elements of a pixel, in whole vectors.
        seen: written, ``apart`` from one frequency to the next.
        seen_first: the tile in the first frequency.
        apart: elements of a frequency.
    """
    _multiply(v, _B, v.moved(x.data, first), step, v.moved(seen.data, seen_first), apart)


@vector_code
def frequencies_of_slopes(
    v: Vectors, x: Flat, first: Any, step: Any, seen: Flat, seen_first: Any, apart: Any
) -> None:
    """A dy of the four slopes from ``first`` on; see ``frequencies_of_pixels``."""
    matrix = tuple(zip(*_A, strict=True))
    _multiply(v, matrix, v.moved(x.data, first), step, v.moved(seen.data, seen_first), apart)


def _multiply(
    v: Vectors, matrix: Sequence[Sequence[int]], source: Any, step: Any, target: Any, apart: Any
) -> None:
    """Multiply a matrix by the pixels from ``source`` on, for every channel."""
    zero, lanes = I64(0), I64(v.lanes)
    with cgutils.for_range_slice(v.builder, zero, step, lanes) as (channel, _):
        pixels = [v.load(source, channel, step, j) for j in range(len(matrix[0]))]
        for n, row in enumerate(matrix):
            v.store(v.combine(row, pixels), target, channel, apart, n)


@vector_code
def results_of_frequencies(
    v: Vectors,
    sums: Flat,
    first: Any,
    apart: Any,
    start: Flat,
    y: Flat,
    y_first: Any,
    filters: Any,
    columns: Any,
    rectify: Any,
) -> None:
    """A' m + start, the four results of a tile, for all filters.

    Args:
        v: writes the code.
        sums: over channels and taps, ``apart`` from one frequency to the next.
        first: the tile in the first frequency.
        apart: elements of a frequency.
        start: added to every filter, in whole vectors.
        y: written, places ``filters`` apart.
        y_first: the first result of the tile.
        filters: elements of a place of y.
        columns: places from the tile's first to the end of the row; at most four are written.
        rectify: whether to write max(y, 0).
    """
    builder, zero, lanes = v.builder, I64(0), I64(v.lanes)
    source, target = v.moved(sums.data, first), v.moved(y.data, y_first)
    with cgutils.for_range_slice(builder, zero, filters, lanes) as (f, _):
        products = [v.load(source, f, apart, n) for n in range(PIXELS)]
        mask = v.first(builder.sub(filters, f))
        begin = v.load(start.data, f)
        for i, row in enumerate(_A):
            with builder.if_then(builder.icmp_signed(">", columns, I64(i))):
                result = v.rectified(v.add(v.combine(row, products), begin), rectify)
                v.store_masked(result, mask, target, f, filters, i)
