"""Batch normalization of rows, a vector of channels at a time.

All arguments that are not arrays are integers, counted in elements; ``rectify`` is 0 or 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numba.core import cgutils

from dlrun.nn.kernels.compiled.channel_vectors import Channels, Sums, each_vector
from dlrun.nn.kernels.compiled.vectors import I64, Flat, Vectors, vector_code


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

    def emit(at: Channels) -> None:
        near, sums = at.load(x.data), Sums(v, at, one, two)
        with _each_row(v, rows, channels, start) as (row,):
            away = b.fsub(at.load(row), near)
            sums.add(away, away)
        sums.store()

    each_vector(v, channels, emit)


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

    def emit(at: Channels) -> None:
        scale, shift = at.load(factor.data), at.load(offset.data)
        with _each_row(v, rows, channels, source, target) as (row, to):
            at.store(v.rectified(v.fused(at.load(row), scale, shift), wanted), to)

    each_vector(v, channels, emit)


class _Slopes:
    """The gradients of a vector of channels before a relu, while code is being generated.

    Args:
        v: writes the code.
        at: the channels.
        affine: mean, 1 / standard deviation, scale and shift, (channels,) each.
        rectify: whether there is a relu.
    """

    def __init__(self, v: Vectors, at: Channels, affine: tuple[Flat, ...], rectify: Any) -> None:
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

    def emit(at: Channels) -> None:
        slopes, sums = (
            _Slopes(v, at, (mean, inverse, scale, shift), rectify),
            Sums(v, at, one, two),
        )
        with _each_row(v, rows, channels, rows_of_x, rows_of_dy) as pointers:
            sums.add(*slopes.of(*pointers))
        sums.store()

    each_vector(v, channels, emit)


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

    def emit(at: Channels) -> None:
        slopes = _Slopes(v, at, (mean, inverse, scale, shift), rectify)
        level, lean, scaling = (at.load(each.data) for each in (middle, tilt, factor))
        lean = b.fneg(lean)
        with _each_row(v, rows, channels, *places) as (row, slope, target):
            own, z = slopes.of(row, slope)
            at.store(b.fmul(scaling, v.fused(z, lean, b.fsub(own, level))), target)

    each_vector(v, channels, emit)
