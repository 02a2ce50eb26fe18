"""Max pooling of a row of windows, a vector of channels at a time.

All arguments that are not arrays are integers, counted in elements, except where noted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from llvmlite import ir
from numba.core import cgutils

from dlrun.nn.kernels.compiled.channel_vectors import Channels, each_vector
from dlrun.nn.kernels.compiled.vectors import I64, Flat, Vectors, vector_code

_I32 = ir.IntType(32)


class _Row(NamedTuple):
    """A row of windows, while code is being generated; see ``largest_pixels``."""

    source: Any
    target: Any
    across: Any
    first: Any
    end: Any
    wide: Any
    stride: Any
    before: Any
    width: Any
    channels: Any


@contextmanager
def _each_window(v: Vectors, row: _Row) -> Iterator[tuple[Any, Any]]:
    """A loop over windows: the place of the result, and the column of the window's first pixel."""
    b = v.builder
    with cgutils.for_range(b, row.across) as window:
        left = b.sub(b.mul(window.index, row.stride), row.before)
        yield b.add(row.target, b.mul(window.index, row.channels)), left


@contextmanager
def _each_pixel(v: Vectors, row: _Row, left: Any) -> Iterator[tuple[Any, Any]]:
    """A loop over a window's pixels inside the image: index, as a vector, and place of each."""
    b = v.builder
    first, end = v.larger(I64(0), b.neg(left)), v.smaller(row.wide, b.sub(row.width, left))
    with (
        cgutils.for_range_slice(b, row.first, row.end, I64(1)) as (down, _),
        cgutils.for_range_slice(b, first, end, I64(1)) as (across, _),
    ):
        number = b.trunc(b.add(b.mul(down, row.wide), across), _I32)
        pixel = b.add(b.mul(down, row.width), b.add(left, across))
        yield v.splat_number(number), b.add(row.source, b.mul(pixel, row.channels))


@vector_code
def largest_pixels(
    v: Vectors,
    x: Flat,
    y: Flat,
    where: Flat,
    source: Any,
    target: Any,
    across: Any,
    first: Any,
    end: Any,
    wide: Any,
    stride: Any,
    before: Any,
    width: Any,
    channels: Any,
) -> None:
    """The largest pixel of each window, and its index; NaN is the largest.

    Args:
        v: writes the code.
        x: images.
        y: results, written.
        where: index of the largest pixel in its window, written.
        source: place in x of column 0 of the windows' first row, which may be above the image.
        target: place in y and where of the first window.
        across: number of windows.
        first: row of a window, of those inside the image.
        end: row after the last of them.
        wide: pixels in a row of a window.
        stride: pixels from one window to the next.
        before: pixels of the first window left of the image.
        width: pixels in a row of the image.
        channels: number of channels.
    """
    b = v.builder
    row = _Row(source, target, across, first, end, wide, stride, before, width, channels)
    least = v.splat(ir.Constant(v.number, float("-inf")))

    best, index = v.variable(), cgutils.alloca_once(b, v.splat_number(_I32(0)).type)
    with _each_window(v, row) as (to, left):

        def emit(at: Channels) -> None:
            b.store(least, best)
            b.store(v.splat_number(_I32(0)), index)
            with _each_pixel(v, row, left) as (number, place):
                value, kept = at.load(v.moved(x.data, place)), b.load(best)
                larger = v.replaces(value, kept)
                b.store(b.select(larger, value, kept), best)
                b.store(b.select(larger, number, b.load(index)), index)
            at.store(b.load(best), v.moved(y.data, to))
            at.store_numbers(b.load(index), b.gep(where.data, [to]))

        each_vector(v, channels, emit)


@vector_code
def add_to_largest(
    v: Vectors,
    dx: Flat,
    dy: Flat,
    where: Flat,
    source: Any,
    target: Any,
    across: Any,
    first: Any,
    end: Any,
    wide: Any,
    stride: Any,
    before: Any,
    width: Any,
    channels: Any,
) -> None:
    """Add dy of each window to dx at its largest pixel; see ``largest_pixels``."""
    b = v.builder
    row = _Row(source, target, across, first, end, wide, stride, before, width, channels)

    with _each_window(v, row) as (to, left):

        def emit(at: Channels) -> None:
            slope = at.load(v.moved(dy.data, to))
            largest = at.load_numbers(b.gep(where.data, [to]))
            with _each_pixel(v, row, left) as (number, place):
                pixel = v.moved(dx.data, place)
                own = b.select(b.icmp_signed("==", largest, number), slope, v.zeros())
                at.store(b.fadd(at.load(pixel), own), pixel)

        each_vector(v, channels, emit)
