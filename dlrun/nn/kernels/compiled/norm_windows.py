"""Batch normalization, relu and max pooling in one pass, a vector of channels at a time.

All arguments that are not arrays are integers, counted in elements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import ir
from numba.core import cgutils

from dlrun.nn.kernels.compiled.channel_vectors import Channels, Sums, each_vector
from dlrun.nn.kernels.compiled.vectors import Flat, Vectors, vector_code

_I32 = ir.IntType(32)


@contextmanager
def _each_pixel(
    v: Vectors, tall: Any, wide: Any, line: Any, channels: Any, *images: Any
) -> Iterator[tuple[Any, list[Any]]]:
    """Loops over the pixels of a window: the index of each as a vector, and pointers to it."""
    b = v.builder
    with cgutils.for_range(b, tall) as row, cgutils.for_range(b, wide) as column:
        number = b.trunc(b.add(b.mul(row.index, wide), column.index), _I32)
        place = b.add(b.mul(row.index, line), b.mul(column.index, channels))
        yield v.splat_number(number), [v.moved(each, place) for each in images]


@vector_code
def pool_windows(
    v: Vectors,
    x: Flat,
    y: Flat,
    where: Flat,
    source: Any,
    target: Any,
    across: Any,
    tall: Any,
    wide: Any,
    line: Any,
    channels: Any,
    factor: Flat,
    offset: Flat,
) -> None:
    """The largest of max(x factor + offset, 0) in a row of windows, and its index.

    Args:
        v: writes the code.
        x: images with ``line`` elements in a row of pixels.
        y: their windows, written.
        where: written: the index of the largest pixel, ``tall wide`` if y is 0.
        source: place of the first pixel in x.
        target: place of the first window in y and where.
        across: number of windows.
        tall: pixels of a window, downward.
        wide: pixels of a window, across.
        line: see there.
        channels: number of channels.
        factor: (channels,).
        offset: (channels,).
    """
    b, step = v.builder, v.builder.mul(wide, channels)
    beyond = v.splat_number(b.trunc(b.mul(tall, wide), _I32))

    def emit(at: Channels) -> None:
        scale, shift = at.load(factor.data), at.load(offset.data)
        best, index = v.variable(), cgutils.alloca_once(b, beyond.type)
        with cgutils.for_range(b, across) as window:
            b.store(v.zeros(), best)
            b.store(beyond, index)
            start = v.moved(x.data, b.add(source, b.mul(window.index, step)))
            with _each_pixel(v, tall, wide, line, channels, start) as (number, (pixel,)):
                value, before = v.fused(at.load(pixel), scale, shift), b.load(best)
                larger = v.replaces(value, before)
                b.store(b.select(larger, value, before), best)
                b.store(b.select(larger, number, b.load(index)), index)
            to = b.add(target, b.mul(window.index, channels))
            at.store(b.load(best), v.moved(y.data, to))
            at.store_numbers(b.load(index), b.gep(where.data, [to]))

    each_vector(v, channels, emit)


@contextmanager
def _each_window(
    v: Vectors, at: Channels, dy: Flat, where: Flat, target: Any, across: Any, channels: Any
) -> Iterator[tuple[Any, Callable[[Any], Any]]]:
    """A loop over a row of windows: its index, and the gradient of a pixel by its index."""
    b = v.builder
    with cgutils.for_range(b, across) as window:
        place = b.add(target, b.mul(window.index, channels))
        slope = at.load(v.moved(dy.data, place))
        largest = at.load_numbers(b.gep(where.data, [place]))

        def of_pixel(number: Any) -> Any:
            return b.select(b.icmp_signed("==", largest, number), slope, v.zeros())

        yield window.index, of_pixel


@vector_code
def add_pooled_slopes(
    v: Vectors,
    x: Flat,
    dy: Flat,
    where: Flat,
    source: Any,
    target: Any,
    across: Any,
    tall: Any,
    wide: Any,
    line: Any,
    channels: Any,
    mean: Flat,
    one: Flat,
    two: Flat,
) -> None:
    """Add dy and dy (x - mean) of the largest pixels of a row of windows to two sums."""
    b, step = v.builder, v.builder.mul(wide, channels)

    def emit(at: Channels) -> None:
        middle, sums = at.load(mean.data), Sums(v, at, one, two)
        with _each_window(v, at, dy, where, target, across, channels) as (window, slope):
            start = v.moved(x.data, b.add(source, b.mul(window, step)))
            with _each_pixel(v, tall, wide, line, channels, start) as (number, (pixel,)):
                sums.add(slope(number), b.fsub(at.load(pixel), middle))
        sums.store()

    each_vector(v, channels, emit)


@vector_code
def backward_windows(
    v: Vectors,
    x: Flat,
    dy: Flat,
    where: Flat,
    dx: Flat,
    source: Any,
    target: Any,
    across: Any,
    tall: Any,
    wide: Any,
    line: Any,
    channels: Any,
    factor: Flat,
    middle: Flat,
    tilt: Flat,
) -> None:
    """dx = factor dy, at the largest pixel, - middle - tilt x; see ``pool_windows``."""
    b, step = v.builder, v.builder.mul(wide, channels)

    def emit(at: Channels) -> None:
        scaling, level, lean = (at.load(each.data) for each in (factor, middle, tilt))
        level, lean = b.fneg(level), b.fneg(lean)
        with _each_window(v, at, dy, where, target, across, channels) as (window, slope):
            place = b.add(source, b.mul(window, step))
            images = v.moved(x.data, place), v.moved(dx.data, place)
            with _each_pixel(v, tall, wide, line, channels, *images) as (number, (pixel, to)):
                own = v.fused(scaling, slope(number), level)
                at.store(v.fused(lean, at.load(pixel), own), to)

    each_vector(v, channels, emit)
