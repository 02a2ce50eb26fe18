"""Batch normalization, a vector of channels at a time.

Numba's vectorizer needs many channels for each pixel, and does not keep their sums in registers:
with 16 or 32 channels, as in the first layers of most networks, its loops take two to five times as
long.  Here a vector of channels is the outer loop, so what belongs to channels stays in registers.

All arguments that are not arrays are integers, counted in elements; ``rectify`` is 0 or 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import ir
from numba.core import cgutils

from dlrun.nn.kernels.compiled.vectors import I64, Flat, Vectors, vector_code

_I32 = ir.IntType(32)


class _Channels:
    """A vector of channels, while code is being generated.

    Args:
        v: writes the code.
        place: the first channel.
        mask: those that exist; None if all do.
    """

    def __init__(self, v: Vectors, place: Any, mask: Any) -> None:
        self._v, self.place, self._mask = v, place, mask

    def load(self, array: Any) -> Any:
        """Their elements, after a pointer to the first channel's."""
        if self._mask is None:
            return self._v.load(array, self.place)
        return self._v.load_masked(self._mask, array, self.place)

    def store(self, vector: Any, array: Any) -> None:
        """Write their elements."""
        if self._mask is None:
            self._v.store(vector, array, self.place)
        else:
            self._v.store_masked(vector, self._mask, array, self.place)

    def load_numbers(self, array: Any) -> Any:
        """Their elements in an array of integers, as 32 bits each."""
        place, of = self._numbers(array)
        if self._mask is None:
            found = self._v.builder.load(place, align=1)
        else:
            zeros = ir.Constant(of, [0] * self._v.lanes)
            arguments = [place, _I32(1), self._mask, zeros]
            found = self._call("llvm.masked.load.{}.p0", of, of, arguments)
        wide = ir.VectorType(_I32, self._v.lanes)
        return found if of == wide else self._v.builder.zext(found, wide)

    def store_numbers(self, vector: Any, array: Any) -> None:
        """Write them to an array of integers."""
        place, of = self._numbers(array)
        kept = vector if vector.type == of else self._v.builder.trunc(vector, of)
        if self._mask is None:
            self._v.builder.store(kept, place, align=1)
        else:
            arguments = [kept, place, _I32(1), self._mask]
            self._call("llvm.masked.store.{}.p0", of, ir.VoidType(), arguments)

    def _numbers(self, array: Any) -> tuple[Any, Any]:
        of = ir.VectorType(array.type.pointee, self._v.lanes)
        place = self._v.builder.gep(array, [self.place])
        return self._v.builder.bitcast(place, of.as_pointer()), of

    def _call(self, name: str, of: Any, result: Any, arguments: list[Any]) -> Any:
        tagged = name.format(f"v{self._v.lanes}i{of.element.width}")
        kind = ir.FunctionType(result, [each.type for each in arguments])
        function = cgutils.get_or_insert_function(self._v.builder.module, kind, tagged)
        return self._v.builder.call(function, arguments)


def _each_vector(v: Vectors, channels: Any, emit: Callable[[_Channels], None]) -> None:
    """Write the code for all whole vectors of channels, and again for the rest."""
    b = v.builder
    whole = b.and_(channels, I64(-v.lanes))
    with cgutils.for_range_slice(b, I64(0), whole, I64(v.lanes)) as (place, _):
        emit(_Channels(v, place, None))
    with b.if_then(b.icmp_signed("<", whole, channels)):
        emit(_Channels(v, whole, v.first(b.sub(channels, whole))))


class _Sums:
    """Two sums for each channel of a vector, in registers.

    Args:
        v: writes the code.
        at: the channels.
        sums: arrays of both, which ``store`` updates.
    """

    def __init__(self, v: Vectors, at: _Channels, *sums: Flat) -> None:
        self._v, self._at, self._sums = v, at, sums
        self._one, self._two = v.variable(), v.variable()
        for register, array in zip((self._one, self._two), sums, strict=True):
            v.builder.store(at.load(array.data), register)

    def add(self, vector: Any, factor: Any) -> None:
        """Add a vector to the first, and its product with a factor to the second."""
        b = self._v.builder
        b.store(b.fadd(b.load(self._one), vector), self._one)
        self._v.add_product(self._two, vector, factor)

    def store(self) -> None:
        """Write both."""
        for register, array in zip((self._one, self._two), self._sums, strict=True):
            self._at.store(self._v.builder.load(register), array.data)


@contextmanager
def _each_row(v: Vectors, rows: Any, channels: Any, *arrays: Any) -> Iterator[list[Any]]:
    """A loop over rows: the pointers to each, in arrays of so many channels."""
    b = v.builder
    with cgutils.for_range(b, rows) as row:
        yield [v.moved(each, b.mul(row.index, channels)) for each in arrays]


@vector_code
def add_rows(
    v: Vectors, x: Flat, first: Any, rows: Any, channels: Any, one: Flat, two: Flat
) -> None:
    """Add the differences of some rows from row 0, and their squares, to two sums.

    Args:
        v: writes the code.
        x: (all rows, channels).
        first: index of the first of the rows.
        rows: their number.
        channels: see there.
        one: (channels,), updated: the sums of the differences.
        two: (channels,), updated: those of their squares.
    """
    b = v.builder
    start = v.moved(x.data, b.mul(first, channels))

    def emit(at: _Channels) -> None:
        near, sums = at.load(x.data), _Sums(v, at, one, two)
        with _each_row(v, rows, channels, start) as (row,):
            away = b.fsub(at.load(row), near)
            sums.add(away, away)
        sums.store()

    _each_vector(v, channels, emit)


@vector_code
def normalize_rows(
    v: Vectors,
    x: Flat,
    y: Flat,
    first: Any,
    rows: Any,
    channels: Any,
    factor: Flat,
    offset: Flat,
    rectify: Any,
) -> None:
    """y = x factor + offset, or max(y, 0), in some rows; see ``add_rows``."""
    b, start = v.builder, v.builder.mul(first, channels)
    wanted = b.icmp_signed("!=", rectify, I64(0))
    source, target = v.moved(x.data, start), v.moved(y.data, start)

    def emit(at: _Channels) -> None:
        scale, shift = at.load(factor.data), at.load(offset.data)
        with _each_row(v, rows, channels, source, target) as (row, to):
            at.store(v.rectified(v.fused(at.load(row), scale, shift), wanted), to)

    _each_vector(v, channels, emit)


class _Slopes:
    """The gradients of a vector of channels before a relu, while code is being generated.

    Args:
        v: writes the code.
        at: the channels.
        affine: mean, 1 / standard deviation, scale and shift, (channels,) each.
        rectify: whether there is a relu.
    """

    def __init__(self, v: Vectors, at: _Channels, affine: tuple[Flat, ...], rectify: Any) -> None:
        self._v, self._at = v, at
        self._mean, self._inverse, self._scale, self._shift = (at.load(a.data) for a in affine)
        self._all = v.splat_flag(v.builder.icmp_signed("==", rectify, I64(0)))

    def of(self, x: Any, dy: Any) -> tuple[Any, Any]:
        """The gradient at a row, 0 where the relu is 0, and the normalized values z."""
        b, v = self._v.builder, self._v
        z = b.fmul(b.fsub(self._at.load(x), self._mean), self._inverse)
        open_ = b.fcmp_ordered(">", v.fused(z, self._scale, self._shift), v.zeros())
        return b.select(b.or_(self._all, open_), self._at.load(dy), v.zeros()), z


@vector_code
def add_slopes(
    v: Vectors,
    x: Flat,
    dy: Flat,
    first: Any,
    rows: Any,
    channels: Any,
    mean: Flat,
    inverse: Flat,
    scale: Flat,
    shift: Flat,
    rectify: Any,
    one: Flat,
    two: Flat,
) -> None:
    """Add dy and dy z of some rows, 0 where a relu is 0, to two sums; see ``add_rows``."""
    start = v.builder.mul(first, channels)
    rows_of_x, rows_of_dy = v.moved(x.data, start), v.moved(dy.data, start)

    def emit(at: _Channels) -> None:
        slopes, sums = (
            _Slopes(v, at, (mean, inverse, scale, shift), rectify),
            _Sums(v, at, one, two),
        )
        with _each_row(v, rows, channels, rows_of_x, rows_of_dy) as pointers:
            sums.add(*slopes.of(*pointers))
        sums.store()

    _each_vector(v, channels, emit)


@vector_code
def backward_rows(
    v: Vectors,
    x: Flat,
    dy: Flat,
    dx: Flat,
    first: Any,
    rows: Any,
    channels: Any,
    mean: Flat,
    inverse: Flat,
    scale: Flat,
    shift: Flat,
    rectify: Any,
    middle: Flat,
    tilt: Flat,
    factor: Flat,
) -> None:
    """dx = factor (dy - middle - z tilt) in some rows; dy is 0 where a relu is 0."""
    b, start = v.builder, v.builder.mul(first, channels)
    places = [v.moved(each.data, start) for each in (x, dy, dx)]

    def emit(at: _Channels) -> None:
        slopes = _Slopes(v, at, (mean, inverse, scale, shift), rectify)
        level, lean, scaling = (at.load(each.data) for each in (middle, tilt, factor))
        lean = b.fneg(lean)
        with _each_row(v, rows, channels, *places) as (row, slope, target):
            own, z = slopes.of(row, slope)
            at.store(b.fmul(scaling, v.fused(z, lean, b.fsub(own, level))), target)

    _each_vector(v, channels, emit)


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

    def emit(at: _Channels) -> None:
        scale, shift = at.load(factor.data), at.load(offset.data)
        best, index = v.variable(), cgutils.alloca_once(b, beyond.type)
        with cgutils.for_range(b, across) as window:
            b.store(v.zeros(), best)
            b.store(beyond, index)
            start = v.moved(x.data, b.add(source, b.mul(window.index, step)))
            with _each_pixel(v, tall, wide, line, channels, start) as (number, (pixel,)):
                value, before = v.fused(at.load(pixel), scale, shift), b.load(best)
                larger = b.fcmp_unordered(">", value, before)  # so NaN is kept
                b.store(b.select(larger, value, before), best)
                b.store(b.select(larger, number, b.load(index)), index)
            to = b.add(target, b.mul(window.index, channels))
            at.store(b.load(best), v.moved(y.data, to))
            at.store_numbers(b.load(index), b.gep(where.data, [to]))

    _each_vector(v, channels, emit)


@contextmanager
def _each_window(
    v: Vectors, at: _Channels, dy: Flat, where: Flat, target: Any, across: Any, channels: Any
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

    def emit(at: _Channels) -> None:
        middle, sums = at.load(mean.data), _Sums(v, at, one, two)
        with _each_window(v, at, dy, where, target, across, channels) as (window, slope):
            start = v.moved(x.data, b.add(source, b.mul(window, step)))
            with _each_pixel(v, tall, wide, line, channels, start) as (number, (pixel,)):
                sums.add(slope(number), b.fsub(at.load(pixel), middle))
        sums.store()

    _each_vector(v, channels, emit)


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

    def emit(at: _Channels) -> None:
        scaling, level, lean = (at.load(each.data) for each in (factor, middle, tilt))
        level, lean = b.fneg(level), b.fneg(lean)
        with _each_window(v, at, dy, where, target, across, channels) as (window, slope):
            place = b.add(source, b.mul(window, step))
            images = v.moved(x.data, place), v.moved(dx.data, place)
            with _each_pixel(v, tall, wide, line, channels, *images) as (number, (pixel, to)):
                own = v.fused(scaling, slope(number), level)
                at.store(v.fused(lean, at.load(pixel), own), to)

    _each_vector(v, channels, emit)
