"""Matrix multiplications in registers: the inner loops of convolution and dense layers.

A tile is some positions by one or two vectors of adjacent results; code for every tile size is
generated, after a comparison.  Every result is one sum in one order, in whatever tile it is
computed.

Arrays are flat; all positions and steps are counted in elements.  A *place* is a position that has
one result per filter, such as a pixel of an image or a sample of a batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numba.core import cgutils

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel as compiled
from dlrun.nn.kernels.compiled.vectors import I64, VECTOR_BYTES, Flat, Vectors, vector_code

_WIDEST = 9
"""Maximum number of places in a tile: with two vectors each, 18 of the 32 registers of AVX-512."""

_MOST_VECTORS = 2
"""Maximum number of vectors at a place: with two, each loaded number is used twice."""


@compiled
def add_taps(
    x: Array,
    x_first: int,
    x_row: int,
    x_step: int,
    offsets: Array,
    weights: Array,
    start: Array,
    y: Array,
    y_first: int,
    y_row: int,
    y_step: int,
    rows: int,
    places: int,
    filters: int,
    rectify: bool,
) -> None:
    """y[p, f] = start[f] + sum over t, c of x[p + offsets[t] + c] weights[t, c, f].

    Args:
        x: input.
        x_first: place (r, i) of it starts at ``x_first + r x_row + i x_step``.
        x_row: see there.
        x_step: see there.
        offsets: of each tap from a place of x, (taps,) int64.
        weights: (taps, channels, whole vectors of filters): the weights of the consecutive elements
            that a tap reads, for each filter.
        start: initial values of the sums, in whole vectors.
        y: output.
        y_first: place (r, i) of it starts at ``y_first + r y_row + i y_step``.
        y_row: see there.
        y_step: see there.
        rows: of places.
        places: in each row.
        filters: results per place.
        rectify: whether to write max(y, 0).
    """
    _, channels, step = weights.shape
    flat = weights.reshape(-1)
    tiles = (places + _WIDEST - 1) // _WIDEST
    for f in range(0, filters, _MOST_VECTORS * (VECTOR_BYTES // x.itemsize)):
        for row in range(rows):
            for tile in range(tiles):
                first = places * tile // tiles
                _sum_of_taps(
                    x,
                    x_first + row * x_row + first * x_step,
                    x_step,
                    offsets,
                    channels,
                    flat,
                    f,
                    step,
                    start,
                    f,
                    y,
                    y_first + row * y_row + first * y_step + f,
                    y_step,
                    filters - f,
                    rectify,
                    places * (tile + 1) // tiles - first,
                )


@compiled
def add_places(
    x: Array,
    x_first: int,
    x_row: int,
    x_step: int,
    offsets: Array,
    dy: Array,
    dy_first: int,
    dy_row: int,
    dy_step: int,
    rows: int,
    places: int,
    dw: Array,
    dw_first: int,
    dw_step: int,
    filters: int,
) -> None:
    """dw[k, f] += sum over places p of x[p + offsets[k]] dy[p, f].

    Args:
        x: input.
        x_first: place (r, i) of it starts at ``x_first + r x_row + i x_step``.
        x_row: see there.
        x_step: see there.
        offsets: from a place of x to the element for row k of dw, int64.
        dy: slopes.
        dy_first: place (r, i) of them starts at ``dy_first + r dy_row + i dy_step``.
        dy_row: see there.
        dy_step: see there.
        rows: of places.
        places: in each row.
        dw: added to.
        dw_first: row k of it starts at ``dw_first + k dw_step``.
        dw_step: see there.
        filters: elements in a row of dw and at a place of dy.
    """
    tiles = (offsets.size + _WIDEST - 1) // _WIDEST
    for f in range(0, filters, _MOST_VECTORS * (VECTOR_BYTES // x.itemsize)):
        for tile in range(tiles):
            first = offsets.size * tile // tiles
            _sum_of_places(
                x,
                x_first,
                x_row,
                x_step,
                offsets,
                first,
                dy,
                dy_first + f,
                dy_row,
                dy_step,
                rows,
                places,
                dw,
                dw_first + first * dw_step + f,
                dw_step,
                filters - f,
                offsets.size * (tile + 1) // tiles - first,
            )


@vector_code
def _sum_of_taps(
    v: Vectors,
    x: Flat,
    x_first: Any,
    x_step: Any,
    offsets: Flat,
    channels: Any,
    w: Flat,
    w_first: Any,
    w_step: Any,
    start: Flat,
    start_first: Any,
    y: Flat,
    y_first: Any,
    y_step: Any,
    filters: Any,
    rectify: Any,
    width: Any,
) -> None:
    """A tile of ``add_taps``: ``width`` places, and as many filters as its vectors hold."""
    builder = v.builder
    x_at, w_at = v.moved(x.data, x_first), v.moved(w.data, w_first)
    start_at, y_at = v.moved(start.data, start_first), v.moved(y.data, y_first)
    tap_step = builder.mul(channels, w_step)
    for places, columns in _sizes(v, width, filters):
        steps = [builder.mul(x_step, I64(i)) for i in places]
        sums = [[v.variable() for _ in columns] for _ in places]
        for k in columns:
            first = v.load(start_at, I64(k * v.lanes))
            for i in places:
                builder.store(first, sums[i][k])
        with cgutils.for_range(builder, offsets.length) as tap:
            x_tap = v.moved(x_at, builder.load(v.moved(offsets.data, tap.index)))
            w_tap = v.moved(w_at, builder.mul(tap.index, tap_step))
            with cgutils.for_range(builder, channels) as channel:
                row = v.moved(w_tap, builder.mul(channel.index, w_step))
                weights = [v.load(row, I64(k * v.lanes)) for k in columns]
                pixel = v.moved(x_tap, channel.index)
                for i in places:
                    number = v.splat(builder.load(v.moved(pixel, steps[i])))
                    for k in columns:
                        v.add_product(sums[i][k], number, weights[k])
        for k in columns:
            mask = v.first(builder.sub(filters, I64(k * v.lanes)))
            for i in places:
                result = v.rectified(builder.load(sums[i][k]), rectify)
                v.store_masked(result, mask, y_at, I64(k * v.lanes), y_step, i)


@vector_code
def _sum_of_places(
    v: Vectors,
    x: Flat,
    x_first: Any,
    x_row: Any,
    x_step: Any,
    offsets: Flat,
    first: Any,
    dy: Flat,
    dy_first: Any,
    dy_row: Any,
    dy_step: Any,
    rows: Any,
    places: Any,
    dw: Flat,
    dw_first: Any,
    dw_step: Any,
    filters: Any,
    width: Any,
) -> None:
    """A tile of ``add_places``: ``width`` rows of dw, and as many filters as its vectors hold."""
    builder = v.builder
    x_at, dy_at = v.moved(x.data, x_first), v.moved(dy.data, dy_first)
    dw_at, own_offsets = v.moved(dw.data, dw_first), v.moved(offsets.data, first)
    for lines, columns in _sizes(v, width, filters):
        masks = [v.first(builder.sub(filters, I64(k * v.lanes))) for k in columns]
        steps = [builder.load(v.moved(own_offsets, I64(i))) for i in lines]
        sums = [[v.variable() for _ in columns] for _ in lines]
        for i in lines:
            for k in columns:
                before = v.load_masked(masks[k], dw_at, I64(k * v.lanes), dw_step, i)
                builder.store(before, sums[i][k])
        with cgutils.for_range(builder, rows) as row:
            x_line = v.moved(x_at, builder.mul(row.index, x_row))
            dy_line = v.moved(dy_at, builder.mul(row.index, dy_row))
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


def _sizes(v: Vectors, width: Any, filters: Any) -> Iterator[tuple[range, range]]:
    """Every tile size: the code that is generated for one runs if the tile has that size."""
    several = v.builder.icmp_signed(">", filters, I64(v.lanes))
    for vectors in range(1, _MOST_VECTORS + 1):
        so_many = several if vectors > 1 else v.builder.not_(several)
        for places in range(1, _WIDEST + 1):
            so_wide = v.builder.icmp_signed("==", width, I64(places))
            with v.builder.if_then(v.builder.and_(so_many, so_wide)):
                yield range(places), range(vectors)
