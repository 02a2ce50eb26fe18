"""Matrix multiplications in registers: the inner loops of convolution.

A tile is some places by one or two vectors of adjacent results.  Each tile size has a
routine, which runs over any number of tiles of that size; ``programs`` combines them.  Every result
is one sum in one order, in whatever tile it is computed.

Arrays are flat; all positions and steps are counted in elements.  A *place* is a position that has
one result per filter, such as a pixel of an image or a sample of a batch.
"""

from __future__ import annotations

from typing import Any

from numba.core import cgutils

from dlrun.nn.kernels.compiled.routines import Routine
from dlrun.nn.kernels.compiled.vectors import I64, Vectors, wide_registers

WIDEST, MOST_VECTORS = (9, 2) if wide_registers() else (6, 1)
"""Maximum number of places in a tile, and of vectors at each.

With two vectors each loaded number is used twice, and nine places take 18 of the 32 registers of
AVX-512.  In AVX2 a vector takes two of 16 registers, so six places with one vector take 12.  More
would be kept in memory.
"""


def _sum_of_taps(
    v: Vectors,
    x: Any,
    x_row: Any,
    x_step: Any,
    offsets: Any,
    taps: Any,
    channels: Any,
    w: Any,
    w_step: Any,
    start: Any,
    y: Any,
    y_row: Any,
    y_step: Any,
    rows: Any,
    tiles: Any,
    filters: Any,
    rectify: Any,
    width: int,
    vectors: int,
) -> None:
    """Tiles of ``width`` places by so many vectors of filters, for ``add_taps``."""
    builder, places, columns = v.builder, range(width), range(vectors)
    tap_step = builder.mul(channels, w_step)
    steps = [builder.mul(x_step, I64(i)) for i in places]
    masks = [v.first(builder.sub(filters, I64(k * v.lanes))) for k in columns]
    sums = [[v.variable() for _ in columns] for _ in places]
    with cgutils.for_range(builder, rows) as row, cgutils.for_range(builder, tiles) as tile:
        first_place = builder.mul(tile.index, I64(width))
        x_at = v.moved(v.moved(x, builder.mul(row.index, x_row)), builder.mul(first_place, x_step))
        y_at = v.moved(v.moved(y, builder.mul(row.index, y_row)), builder.mul(first_place, y_step))
        for k in columns:
            first = v.load(start, I64(k * v.lanes))
            for i in places:
                builder.store(first, sums[i][k])
        with cgutils.for_range(builder, taps) as tap:
            x_tap = v.moved(x_at, builder.load(v.moved(offsets, tap.index)))
            w_tap = v.moved(w, builder.mul(tap.index, tap_step))
            with cgutils.for_range(builder, channels) as channel:
                weights_at = v.moved(w_tap, builder.mul(channel.index, w_step))
                weights = [v.load(weights_at, I64(k * v.lanes)) for k in columns]
                pixel = v.moved(x_tap, channel.index)
                for i in places:
                    number = v.splat(builder.load(v.moved(pixel, steps[i])))
                    for k in columns:
                        v.add_product(sums[i][k], number, weights[k])
        for k in columns:
            for i in places:
                result = v.rectified(builder.load(sums[i][k]), rectify)
                v.store_masked(result, masks[k], y_at, I64(k * v.lanes), y_step, i)


def _sum_of_places(
    v: Vectors,
    x: Any,
    x_row: Any,
    x_step: Any,
    offsets: Any,
    dy: Any,
    dy_row: Any,
    dy_step: Any,
    rows: Any,
    places: Any,
    dw: Any,
    dw_step: Any,
    tiles: Any,
    filters: Any,
    width: int,
    vectors: int,
) -> None:
    """Tiles of ``width`` rows of dw by so many vectors of filters, for ``add_places``."""
    builder, lines, columns = v.builder, range(width), range(vectors)
    masks = [v.first(builder.sub(filters, I64(k * v.lanes))) for k in columns]
    sums = [[v.variable() for _ in columns] for _ in lines]
    with cgutils.for_range(builder, tiles) as tile:
        first = builder.mul(tile.index, I64(width))
        dw_at, own_offsets = v.moved(dw, builder.mul(first, dw_step)), v.moved(offsets, first)
        steps = [builder.load(v.moved(own_offsets, I64(i))) for i in lines]
        for i in lines:
            for k in columns:
                before = v.load_masked(masks[k], dw_at, I64(k * v.lanes), dw_step, i)
                builder.store(before, sums[i][k])
        with cgutils.for_range(builder, rows) as row:
            x_line = v.moved(x, builder.mul(row.index, x_row))
            dy_line = v.moved(dy, builder.mul(row.index, dy_row))
            with cgutils.for_range(builder, places) as place:
                pixel = v.moved(x_line, builder.mul(place.index, x_step))
                slope = v.moved(dy_line, builder.mul(place.index, dy_step))
                slopes = [v.load_masked(masks[k], slope, I64(k * v.lanes)) for k in columns]
                for i in lines:
                    number = v.splat(builder.load(v.moved(pixel, steps[i])))
                    for k in columns:
                        v.add_product(sums[i][k], number, slopes[k])
        for i in lines:
            for k in columns:
                total = builder.load(sums[i][k])
                v.store_masked(total, masks[k], dw_at, I64(k * v.lanes), dw_step, i)


TAPS = Routine(_sum_of_taps, "eiioiieieeiiiiib")
"""Of the programs for ``add_taps``."""

PLACES = Routine(_sum_of_places, "eiioeiiiieiii")
"""Of the programs for ``add_places``."""
