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

from numba.core import cgutils

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
_G = (  # frequencies of taps
    (1 / 4, 0, 0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0, 0, 1),
)
_A = (  # transposed: results of frequencies
    (1, 1, 1, 1, 1, 0),
    (0, 1, -1, 2, -2, 0),
    (0, 1, 1, 4, 4, 0),
    (0, 1, -1, 8, -8, 1),
)


@vector_code
def frequencies_of_taps(
    v: Vectors, taps: Flat, tall: Any, channels: Any, filters: Any, seen: Flat, full: Any
) -> None:
    """G g for every row, channel and filter.

    Args:
        v: writes the code.
        taps: (tall, 3, channels, filters).
        tall: see there.
        channels: see there.
        filters: see there.
        seen: (frequency, tall, channels, full), written.
        full: elements for the filters, in whole vectors; the last ones become zeros.
    """
    b = v.builder
    step, apart = b.mul(channels, filters), b.mul(b.mul(tall, channels), full)
    with cgutils.for_range(b, tall) as row, cgutils.for_range(b, channels) as channel:
        place = b.add(b.mul(b.mul(row.index, I64(3)), channels), channel.index)
        source = v.moved(taps.data, b.mul(place, filters))
        place = b.add(b.mul(row.index, channels), channel.index)
        target = v.moved(seen.data, b.mul(place, full))
        with cgutils.for_range_slice(b, I64(0), full, I64(v.lanes)) as (f, _):
            mask = v.first(b.sub(filters, f))
            g = [v.load_masked(mask, source, f, step, i) for i in range(3)]
            for n, weights in enumerate(_G):
                v.store(v.combine(weights, g), target, f, apart, n)


@vector_code
def taps_of_frequencies(
    v: Vectors, gradient: Flat, full: Any, dtaps: Flat, tall: Any, channels: Any, filters: Any
) -> None:
    """dtaps = G' gradient; see ``frequencies_of_taps``."""
    b = v.builder
    step, apart = b.mul(channels, filters), b.mul(b.mul(tall, channels), full)
    with cgutils.for_range(b, tall) as row, cgutils.for_range(b, channels) as channel:
        place = b.add(b.mul(row.index, channels), channel.index)
        source = v.moved(gradient.data, b.mul(place, full))
        place = b.add(b.mul(b.mul(row.index, I64(3)), channels), channel.index)
        target = v.moved(dtaps.data, b.mul(place, filters))
        with cgutils.for_range_slice(b, I64(0), filters, I64(v.lanes)) as (f, _):
            mask = v.first(b.sub(filters, f))
            frequencies = [v.load(source, f, apart, n) for n in range(PIXELS)]
            for i, weights in enumerate(zip(*_G, strict=True)):
                v.store_masked(v.combine(weights, frequencies), mask, target, f, step, i)


@vector_code
def frequencies_of_pixels(
    v: Vectors, x: Flat, rows: Any, tiles: Any, channels: Any, seen: Flat, apart: Any
) -> None:
    """B' d of every tile.

    Args:
        v: writes the code.
        x: pixels, (rows, 4 tiles + 2, channels).
        rows: see there.
        tiles: see there.
        channels: in whole vectors.
        seen: written, (frequency, rows, tiles, channels).
        apart: elements from one frequency to the next.
    """
    b = v.builder
    line = b.mul(b.add(b.mul(tiles, I64(TILE)), I64(PIXELS - TILE)), channels)
    with cgutils.for_range(b, rows) as row:
        source = v.moved(x.data, b.mul(row.index, line))
        target = v.moved(seen.data, b.mul(b.mul(row.index, tiles), channels))
        _transform_tiles(v, _B, source, tiles, channels, target, apart)


@vector_code
def frequencies_of_slopes(
    v: Vectors, dy: Flat, tiles: Any, filters: Any, seen: Flat, apart: Any
) -> None:
    """A dy of consecutive tiles of four slopes; see ``frequencies_of_pixels``."""
    matrix = tuple(zip(*_A, strict=True))
    _transform_tiles(v, matrix, dy.data, tiles, filters, seen.data, apart)


def _transform_tiles(
    v: Vectors,
    matrix: Sequence[Sequence[int]],
    source: Any,
    tiles: Any,
    step: Any,
    target: Any,
    apart: Any,
) -> None:
    """Multiply a matrix by the pixels of every tile, for every channel."""
    b, zero, lanes = v.builder, I64(0), I64(v.lanes)
    with cgutils.for_range(b, tiles) as tile:
        from_ = v.moved(source, b.mul(b.mul(tile.index, I64(TILE)), step))
        to = v.moved(target, b.mul(tile.index, step))
        with cgutils.for_range_slice(b, zero, step, lanes) as (channel, _):
            pixels = [v.load(from_, channel, step, j) for j in range(len(matrix[0]))]
            for n, row in enumerate(matrix):
                v.store(v.combine(row, pixels), to, channel, apart, n)


@vector_code
def results_of_frequencies(
    v: Vectors,
    sums: Flat,
    apart: Any,
    start: Flat,
    y: Flat,
    y_first: Any,
    rows: Any,
    across: Any,
    filters: Any,
    full: Any,
    rectify: Any,
) -> None:
    """A' m + start: the results of some rows, for all filters.

    Args:
        v: writes the code.
        sums: over channels and taps, (frequency, rows, tiles, full).
        apart: elements from one frequency to the next.
        start: added to every filter, in whole vectors.
        y: written, from ``y_first`` on (rows, across, filters).
        y_first: see there.
        rows: see there.
        across: see there.
        filters: see there.
        full: elements for the filters, in whole vectors.
        rectify: whether to write max(y, 0).
    """
    b, zero, lanes = v.builder, I64(0), I64(v.lanes)
    tiles = b.sdiv(b.add(across, I64(TILE - 1)), I64(TILE))
    with cgutils.for_range(b, rows) as row, cgutils.for_range(b, tiles) as tile:
        done = b.mul(tile.index, I64(TILE))
        place = b.add(b.mul(row.index, tiles), tile.index)
        source = v.moved(sums.data, b.mul(place, full))
        place = b.add(b.mul(row.index, across), done)
        target = v.moved(y.data, b.add(y_first, b.mul(place, filters)))
        columns = b.sub(across, done)
        with cgutils.for_range_slice(b, zero, filters, lanes) as (f, _):
            products = [v.load(source, f, apart, n) for n in range(PIXELS)]
            mask = v.first(b.sub(filters, f))
            begin = v.load(start.data, f)
            for i, weights in enumerate(_A):
                with b.if_then(b.icmp_signed(">", columns, I64(i))):
                    result = v.rectified(v.add(v.combine(weights, products), begin), rectify)
                    v.store_masked(result, mask, target, f, filters, i)
