"""Matrix multiplications in registers: the inner loops of convolution and dense layers.

A tile is some positions by one or two vectors of adjacent results.  Each tile size is a routine of
its own, which runs over all tiles of that size; a *program* lists the routines that compute
all results together.  Every result is one sum in one order, in whatever tile it is computed.

Arrays are flat; all positions and steps are counted in elements.  A *place* is a position that has
one result per filter, such as a pixel of an image or a sample of a batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numba.core import cgutils

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.needs import RoutineNeed
from dlrun.nn.kernels.compiled.routines import Routine
from dlrun.nn.kernels.compiled.vectors import I64, VECTOR_BYTES, Flat, Vectors, vector_code
from dlrun.nn.kernels.rehearsal import note, rehearsing

_WIDEST = 9
"""Maximum number of places in a tile: with two vectors each, 18 of the 32 registers of AVX-512."""

_MOST_VECTORS = 2
"""Maximum number of vectors at a place: with two, each loaded number is used twice."""

_MOST = 1024
"""Programs that are remembered."""

_ENTRY = 4
"""Numbers for each routine in a program: its address, the first place, tiles, first filter."""


def whole_vectors(numbers: int, dtype: np.dtype[Any]) -> int:
    """The number of elements in the vectors that hold so many."""
    lanes = VECTOR_BYTES // dtype.itemsize
    return -(-numbers // lanes) * lanes


def in_whole_vectors(numbers: Array, full: int) -> Array:
    """Numbers followed by zeros, ``full`` in all; the array itself if there is nothing to add."""
    if numbers.size == full:
        return numbers
    longer = np.zeros(full, numbers.dtype)
    longer[: numbers.size] = numbers
    return longer


def program(routine: Routine, dtype: np.dtype[Any], places: int, filters: int) -> Array:
    """The calls of a routine that compute ``filters`` results at each of ``places`` places.

    As few tiles as possible, of at most two widths that differ by one.

    Returns:
        (calls * 4,) int64, for ``add_taps`` or ``add_places``; empty in a rehearsal.
    """
    if not rehearsing():
        return _program(routine, dtype, places, filters)
    for vectors, _ in _blocks(filters, dtype):
        for width, _, _ in _widths(places):
            note(RoutineNeed(routine, dtype, (width, vectors)))
    return np.empty(0, np.int64)


@lru_cache(_MOST)
def _program(routine: Routine, dtype: np.dtype[Any], places: int, filters: int) -> Array:
    found = [
        (routine.address(dtype, width, vectors), first, tiles, f)
        for vectors, f in _blocks(filters, dtype)
        for width, first, tiles in _widths(places)
    ]
    return np.array(found, np.int64).reshape(-1)


def _blocks(filters: int, dtype: np.dtype[Any]) -> list[tuple[int, int]]:
    """Vectors of each block of filters, and its first filter."""
    lanes = VECTOR_BYTES // dtype.itemsize
    return [
        (min(_MOST_VECTORS, -(-(filters - f) // lanes)), f)
        for f in range(0, filters, _MOST_VECTORS * lanes)
    ]


def _widths(places: int) -> list[tuple[int, int, int]]:
    """The widths of tiles; the first place, and number of tiles, of each width."""
    if places <= 0:
        return []
    tiles = -(-places // _WIDEST)
    width, wider = divmod(places, tiles)
    each = [(width + 1, 0, wider), (width, wider * (width + 1), tiles - wider)]
    return [(size, first, count) for size, first, count in each if count]


def programs(
    routine: Routine, dtype: np.dtype[Any], places: tuple[int, ...], filters: int
) -> tuple[Array, Array]:
    """The programs for several numbers of places, one after the other, and where each ends."""
    make = _programs.__wrapped__ if rehearsing() else _programs
    return make(routine, dtype, places, filters)


@lru_cache(_MOST)
def _programs(
    routine: Routine, dtype: np.dtype[Any], places: tuple[int, ...], filters: int
) -> tuple[Array, Array]:
    each = [program(routine, dtype, number, filters) for number in places]
    return np.concatenate(each), np.cumsum([one.size for one in each])


def every_size() -> list[RoutineNeed]:
    """The routines for all tiles of float32, the dtype of networks."""
    return [
        RoutineNeed(routine, np.dtype(np.float32), (width, vectors))
        for routine in (TAPS, PLACES)
        for width in range(1, _WIDEST + 1)
        for vectors in range(1, _MOST_VECTORS + 1)
    ]


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


@vector_code
def add_taps(
    v: Vectors,
    x: Flat,
    x_first: Any,
    x_row: Any,
    x_step: Any,
    offsets: Flat,
    first_tap: Any,
    taps: Any,
    channels: Any,
    weights: Flat,
    w_first: Any,
    w_step: Any,
    start: Flat,
    start_first: Any,
    y: Flat,
    y_first: Any,
    y_row: Any,
    y_step: Any,
    rows: Any,
    filters: Any,
    rectify: Any,
    calls: Flat,
    first_call: Any,
    end: Any,
) -> None:
    """y[p, f] = start[f] + sum over t, c of x[p + offsets[t] + c] weights[t, c, f].

    Args:
        v: writes the code.
        x: input.
        x_first: place (r, i) of it starts at ``x_first + r x_row + i x_step``.
        x_row: see there.
        x_step: see there.
        offsets: of each tap from a place of x, int64.
        first_tap: the first tap in ``offsets``.
        taps: number of taps.
        channels: consecutive elements that a tap reads.
        weights: from ``w_first`` on (taps, channels, w_step): a weight for each filter.
        w_first: see there.
        w_step: elements for the filters, in whole vectors.
        start: from ``start_first`` on the initial values of the sums, in whole vectors.
        start_first: see there.
        y: output.
        y_first: place (r, i) of it starts at ``y_first + r y_row + i y_step``.
        y_row: see there.
        y_step: see there.
        rows: of places; their number in each row is that of the program.
        filters: results per place, as in the program.
        rectify: whether to write max(y, 0).
        calls: a program of ``TAPS``, or several.
        first_call: where the program begins in ``calls``.
        end: where it ends.
    """
    b = v.builder
    for address, place, tiles, f in _calls(v, calls, first_call, end):
        TAPS.call(
            v,
            address,
            [
                v.moved(x.data, b.add(x_first, b.mul(place, x_step))),
                x_row,
                x_step,
                v.moved(offsets.data, first_tap),
                taps,
                channels,
                v.moved(weights.data, b.add(w_first, f)),
                w_step,
                v.moved(start.data, b.add(start_first, f)),
                v.moved(y.data, b.add(b.add(y_first, f), b.mul(place, y_step))),
                y_row,
                y_step,
                rows,
                tiles,
                b.sub(filters, f),
                rectify,
            ],
        )


@vector_code
def add_places(
    v: Vectors,
    x: Flat,
    x_first: Any,
    x_row: Any,
    x_step: Any,
    offsets: Flat,
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
    calls: Flat,
) -> None:
    """dw[k, f] += sum over places p of x[p + offsets[k]] dy[p, f].

    Args:
        v: writes the code.
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
        filters: elements in a row of dw and at a place of dy, as in the program.
        calls: a program of ``PLACES`` for the rows of dw.
    """
    b = v.builder
    for address, line, tiles, f in _calls(v, calls, I64(0), calls.length):
        PLACES.call(
            v,
            address,
            [
                v.moved(x.data, x_first),
                x_row,
                x_step,
                v.moved(offsets.data, line),
                v.moved(dy.data, b.add(dy_first, f)),
                dy_row,
                dy_step,
                rows,
                places,
                v.moved(dw.data, b.add(b.add(dw_first, f), b.mul(line, dw_step))),
                dw_step,
                tiles,
                b.sub(filters, f),
            ],
        )


def _calls(v: Vectors, calls: Flat, first: Any, end: Any) -> Iterator[list[Any]]:
    """The entries of a program: the code that is generated for one runs for each."""
    with cgutils.for_range_slice(v.builder, first, end, I64(_ENTRY)) as (entry, _):
        at = v.moved(calls.data, entry)
        yield [v.builder.load(v.moved(at, I64(i))) for i in range(_ENTRY)]
