"""Sums over any number of places and filters, as calls of the routines of ``tiles``.

A *program* lists the routines that compute all results together.  It is made from shapes, outside
of the kernels, so that only tile sizes that a network has are compiled.
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
from dlrun.nn.kernels.compiled.tiles import MOST_VECTORS, PLACES, TAPS, WIDEST
from dlrun.nn.kernels.compiled.vectors import I64, VECTOR_BYTES, Flat, Vectors, vector_code
from dlrun.nn.kernels.rehearsal import note, rehearsing

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
        (min(MOST_VECTORS, -(-(filters - f) // lanes)), f)
        for f in range(0, filters, MOST_VECTORS * lanes)
    ]


def _widths(places: int) -> list[tuple[int, int, int]]:
    """The widths of tiles; the first place, and number of tiles, of each width."""
    if places <= 0:
        return []
    tiles = -(-places // WIDEST)
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
        for width in range(1, WIDEST + 1)
        for vectors in range(1, MOST_VECTORS + 1)
    ]


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
