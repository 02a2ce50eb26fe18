"""Fourier transforms of complex float32 numbers.

Stockham's algorithm with butterflies of four (Cochran et al., "What is the fast Fourier
transform?", Proceedings of the IEEE 55, 1967): every stage reads the four quarters of one array and
writes another one, and the last result is in order.  Real and imaginary parts are separate arrays.

In a stage, element i of a quarter belongs to block i // step, and its four results are ``step``
elements apart, 1 in the first stage and four times as many in each later one.  While that is less
than a vector, a vector holds several blocks, and its results are interleaved.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import part
from dlrun.nn.kernels.compiled.vectors import I64, VECTOR_BYTES, Flat, Vectors, vector_code

LEAST = VECTOR_BYTES
"""The smallest number of elements: a quarter fills a vector."""

_NARROW = (1, 4)
"""The steps that are less than a vector of float32."""
_FUSE = ("contract",)

Complex = tuple[Any, Any]
"""Vectors of real and of imaginary parts, while code is being generated."""


@lru_cache(16)
def roots(n: int) -> tuple[Array, Array]:
    """The factors of a transform of n elements, which must not be changed.

    Args:
        n: a power of 2, at least ``LEAST``.

    Returns:
        (2, n) real and imaginary parts of e^(-2 pi i k / n); and (2, 3, 2, n / 4), for both narrow
            steps the first three powers of the factor of each element of a quarter.
    """
    powers = np.exp(-2j * np.pi * np.arange(n) / n)
    blocks = [np.arange(n // 4) // step * step for step in _NARROW]
    narrow = [[powers[k * block] for k in (1, 2, 3)] for block in blocks]
    return _parts(powers), np.stack([np.stack([_parts(one) for one in each]) for each in narrow])


def _parts(numbers: Array) -> Array:
    return np.stack((numbers.real, numbers.imag)).astype(np.float32)


@part
def transform(
    x: Array, y: Array, other_x: Array, other_y: Array, powers: Array, narrow: Array
) -> tuple[Array, Array]:
    """The sums over k of (x + i y)[k] e^(-2 pi i j k / n), for all j.

    Args:
        x: (n,) real parts, overwritten.
        y: (n,) imaginary parts, overwritten.  With x and y exchanged, the results are those of the
            inverse transform, times n, exchanged as well.
        other_x: (n,) work array.
        other_y: (n,) work array.
        powers: of ``roots``.
        narrow: of ``roots``.

    Returns:
        Real and imaginary parts, in x and y or in the work arrays.
    """
    n, step = x.size, 1
    while 4 * step <= n:
        if step == 1:
            _first(x, y, other_x, other_y, narrow[0])
        elif step == 4:
            _second(x, y, other_x, other_y, narrow[1])
        else:
            _wide(x, y, other_x, other_y, powers, step)
        x, y, other_x, other_y = other_x, other_y, x, y
        step *= 4
    if step < n:
        _last(x, y, other_x, other_y)
        x, y = other_x, other_y
    return x, y


@vector_code
def _first(v: Vectors, x: Flat, y: Flat, to_x: Flat, to_y: Flat, factors: Flat) -> None:
    """The stage with step 1."""
    _narrow_stage(v, (x, y), (to_x, to_y), factors, 1)


@vector_code
def _second(v: Vectors, x: Flat, y: Flat, to_x: Flat, to_y: Flat, factors: Flat) -> None:
    """The stage with step 4."""
    _narrow_stage(v, (x, y), (to_x, to_y), factors, 4)


@vector_code
def _wide(v: Vectors, x: Flat, y: Flat, to_x: Flat, to_y: Flat, powers: Flat, step: Any) -> None:
    """A stage whose step is at least a vector."""
    b = v.builder
    quarter = b.lshr(x.length, I64(2))
    with cgutils.for_range_slice(b, I64(0), quarter, step) as (block, _):
        places = [b.mul(block, I64(k)) for k in (1, 2, 3)]
        w = [(_equal(v, powers, at), _equal(v, powers, b.add(x.length, at))) for at in places]
        with cgutils.for_range_slice(b, I64(0), step, I64(v.lanes)) as (i, _):
            results = _butterfly(v, _quarters(v, x, y, b.add(block, i), quarter), w)
            to = b.add(b.mul(block, I64(4)), i)
            for k, (real, imaginary) in enumerate(results):
                v.store(real, to_x.data, to, step, k)
                v.store(imaginary, to_y.data, to, step, k)


def _equal(v: Vectors, array: Flat, place: Any) -> Any:
    return v.splat(v.builder.load(v.moved(array.data, place)))


@vector_code
def _last(v: Vectors, x: Flat, y: Flat, to_x: Flat, to_y: Flat) -> None:
    """Sums and differences of the two halves, for a number of elements that is not a power of 4."""
    b = v.builder
    half = b.lshr(x.length, I64(1))
    for source, target in ((x, to_x), (y, to_y)):
        with cgutils.for_range_slice(b, I64(0), half, I64(v.lanes)) as (i, _):
            one, other = v.load(source.data, i), v.load(source.data, i, half, 1)
            v.store(b.fadd(one, other), target.data, i)
            v.store(b.fsub(one, other), target.data, i, half, 1)


@vector_code
def separate(v: Vectors, x: Flat, y: Flat, p: Flat, q: Flat, r: Flat, s: Flat) -> None:
    """The transforms of two real series, from that of one plus i times the other.

    Args:
        v: writes the code.
        x: real parts, (n,).
        y: imaginary parts, (n,).
        p: real parts of the first, (n / 2 + 1,), written.
        q: imaginary parts of the first, written.
        r: real parts of the second, written.
        s: minus the imaginary parts of the second, written.
    """
    b = v.builder
    for source, even in ((x, p), (y, r)):
        b.store(b.load(source.data), even.data)
    for odd in (q, s):
        b.store(_constant(v, 0.0), odd.data)
    half = v.splat(_constant(v, 0.5))
    with cgutils.for_range_slice(b, I64(1), p.length, I64(v.lanes)) as (k, _):
        mirrored = b.sub(x.length, b.add(k, I64(v.lanes - 1)))
        for source, even, odd in ((x, p, s), (y, r, q)):
            one = v.load(source.data, k)
            other = _reversed(v, v.load(source.data, mirrored))
            v.store(b.fmul(half, b.fadd(one, other)), even.data, k)
            v.store(b.fmul(half, b.fsub(one, other)), odd.data, k)


@vector_code
def join(v: Vectors, p: Flat, q: Flat, r: Flat, s: Flat, x: Flat, y: Flat) -> None:
    """What ``separate`` gets, from the transforms of two real series.

    Args:
        v: writes the code.
        p: real parts of the first, (n / 2 + 1,).
        q: imaginary parts of the first; those of the outer two are taken as 0.
        r: real parts of the second.
        s: imaginary parts of the second, likewise.
        x: real parts, (n,), written.
        y: imaginary parts, (n,), written.
    """
    b = v.builder
    last = b.sub(p.length, I64(1))
    for odd in (q, s):
        for place in (I64(0), last):
            b.store(_constant(v, 0.0), v.moved(odd.data, place))
    for even, target in ((p, x), (r, y)):
        b.store(b.load(even.data), target.data)
    with cgutils.for_range_slice(b, I64(1), p.length, I64(v.lanes)) as (k, _):
        mirrored = b.sub(x.length, b.add(k, I64(v.lanes - 1)))
        a, c, d, e = (v.load(each.data, k) for each in (p, q, r, s))
        v.store(b.fsub(a, e), x.data, k)
        v.store(b.fadd(d, c), y.data, k)
        v.store(_reversed(v, b.fadd(a, e)), x.data, mirrored)
        v.store(_reversed(v, b.fsub(d, c)), y.data, mirrored)


def _constant(v: Vectors, number: float) -> Any:
    return ir.Constant(v.number, number)


def _reversed(v: Vectors, vector: Any) -> Any:
    return v.shuffled(vector, vector, range(v.lanes - 1, -1, -1))


def _narrow_stage(
    v: Vectors, source: tuple[Flat, Flat], target: tuple[Flat, Flat], factors: Flat, step: int
) -> None:
    b, (x, y) = v.builder, source
    quarter = b.lshr(x.length, I64(2))
    with cgutils.for_range_slice(b, I64(0), quarter, I64(v.lanes)) as (i, _):
        w = [
            (v.load(factors.data, i, quarter, 2 * k), v.load(factors.data, i, quarter, 2 * k + 1))
            for k in range(3)
        ]
        parts = zip(*_butterfly(v, _quarters(v, x, y, i, quarter), w), strict=True)
        for part, to in zip(parts, target, strict=True):
            for k, vector in enumerate(_interleaved(v, part, step)):
                v.store(vector, to.data, b.mul(i, I64(4)), I64(v.lanes), k)


def _quarters(v: Vectors, x: Flat, y: Flat, place: Any, quarter: Any) -> list[Complex]:
    """The vectors at a place of each quarter."""
    return [
        (v.load(x.data, place, quarter, k), v.load(y.data, place, quarter, k)) for k in range(4)
    ]


def _butterfly(v: Vectors, inputs: Sequence[Complex], w: Sequence[Complex]) -> list[Complex]:
    """The Fourier transform of four numbers, the last three times a factor each."""
    b, (first, second, third, fourth) = v.builder, inputs
    even, odd = _plus(b, first, third), _plus(b, second, fourth)
    (x, y), (p, q) = _minus(b, first, third), _minus(b, second, fourth)
    return [
        _plus(b, even, odd),
        _times(b, (b.fadd(x, q), b.fsub(y, p)), w[0]),
        _times(b, _minus(b, even, odd), w[1]),
        _times(b, (b.fsub(x, q), b.fadd(y, p)), w[2]),
    ]


def _plus(b: Any, one: Complex, other: Complex) -> Complex:
    return b.fadd(one[0], other[0]), b.fadd(one[1], other[1])


def _minus(b: Any, one: Complex, other: Complex) -> Complex:
    return b.fsub(one[0], other[0]), b.fsub(one[1], other[1])


def _times(b: Any, one: Complex, other: Complex) -> Complex:
    (x, y), (p, q) = one, other
    real = b.fsub(b.fmul(x, p, flags=_FUSE), b.fmul(y, q, flags=_FUSE), flags=_FUSE)
    return real, b.fadd(b.fmul(x, q, flags=_FUSE), b.fmul(y, p, flags=_FUSE), flags=_FUSE)


def _interleaved(v: Vectors, four: Sequence[Any], size: int) -> list[Any]:
    """Blocks of ``size`` elements, one from each of four vectors in turn, as four vectors."""
    even, odd = _zipped(v, four[0], four[2], size), _zipped(v, four[1], four[3], size)
    return [*_zipped(v, even[0], odd[0], size), *_zipped(v, even[1], odd[1], size)]


def _zipped(v: Vectors, one: Any, other: Any, size: int) -> list[Any]:
    """Blocks of two vectors in turn, as two vectors."""
    order = [
        vector * v.lanes + block + i
        for block in range(0, v.lanes, size)
        for vector in (0, 1)
        for i in range(size)
    ]
    return [v.shuffled(one, other, order[: v.lanes]), v.shuffled(one, other, order[v.lanes :])]
