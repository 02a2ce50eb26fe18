"""Functions of one number that Numba can vectorize in a loop over an array.

Numba calls a library for ``np.exp`` of each single number, which prevents vectorization.  In
float32 these functions are plain arithmetic, and a loop with one of them takes about half the time
of NumPy's vectorized version with its additional passes over memory.  In float64, which is used to
check gradients, not to train, they are the library's.

Each is compiled without permission to reorder sums: the two parts of ln 2 must not be combined.
The flags stay with the instructions wherever the function is inlined.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba.extending import overload

from dlrun.nn.kernels.compiled.jit import STRICT, strict
from dlrun.nn.kernels.reference.activation import NORMAL_TAIL

Number = Any
"""A type when Numba asks for the function's implementation, a number when that runs."""

_ZERO, _HALF, _ONE, _TWO, _THREE = (np.float32(each) for each in (0.0, 0.5, 1.0, 2.0, 3.0))
_SQRT_HALF = np.float32(math.sqrt(0.5))

_LEAST, _MOST = np.float32(-87.33), np.float32(88.37)
_LOG2_E = np.float32(1.0 / math.log(2.0))
# The first part has so few digits that its product with an integer is exact.
_LN_2 = (np.float32(0.693359375), np.float32(math.log(2.0) - 0.693359375))
_BIAS, _FRACTION_BITS = np.int32(127), np.int32(23)

# (exp(r) - 1 - r) / r^2 on [-ln 2 / 2, ln 2 / 2], from its Chebyshev series.
_E0, _E1, _E2, _E3, _E4 = (
    np.float32(each)
    for each in (
        0.5000000013543257,
        0.16666576643547149,
        0.04166646416731311,
        0.008363235384628166,
        0.0013933733216281656,
    )
)

# 2 artanh(s) / s as a polynomial in s^2 on [0, 1/9], from its Chebyshev series.
_L0, _L1, _L2, _L3, _L4, _L5 = (
    np.float32(each)
    for each in (
        1.9999999998040106,
        0.6666667925329472,
        0.39998694812089935,
        0.2862062340134253,
        0.2139426743760365,
        0.24409403365847082,
    )
)

# tanh(x) / x as a quotient of polynomials in x^2, with the smallest relative error up to 9: 2e-8.
_P0, _P1, _P2, _P3, _P4 = (
    np.float32(each)
    for each in (
        0.9999999794719718,
        0.13381018971871989,
        0.0034955802050810267,
        2.0608953461824345e-05,
        1.3354488749732921e-08,
    )
)
_Q1, _Q2, _Q3, _Q4 = (
    np.float32(each)
    for each in (
        0.4671433456950869,
        0.025876952048545683,
        0.00032856219068760656,
        7.776486227507295e-07,
    )
)
_FAR = np.float32(9.0)  # from here on tanh rounds to 1

_T0, _T1, _T2, _T3, _T4, _T5, _T6, _T7, _T8, _T9, _T10, _T11 = np.polynomial.chebyshev.cheb2poly(
    NORMAL_TAIL[:12]
).astype(np.float32)


def exp(x: Number) -> Number:
    """e^x, to 2 units in the last place; 0 below -87.33, and e^88.37 above 88.37 in float32."""
    raise NotImplementedError


def expm1(x: Number) -> Number:
    """e^x - 1, accurate near 0."""
    raise NotImplementedError


def log1p(x: Number) -> Number:
    """log(1 + x) for x from 0 to 1."""
    raise NotImplementedError


def sigmoid(x: Number) -> Number:
    """1 / (1 + e^-x), to 4 units in the last place; 0 below -87.33 in float32.

    Left of 0 it is e^x / (1 + e^x): a small probability is not a difference of numbers near 1.
    """
    raise NotImplementedError


def tanh(x: Number) -> Number:
    """Hyperbolic tangent, to 5 units in the last place."""
    raise NotImplementedError


def normal_tail(x: Number, e: Number) -> Number:
    """The normal distribution function of -x, for x >= 0.

    Args:
        x: at least 0.
        e: exp(-x^2 / 2), which derivatives need, too.
    """
    raise NotImplementedError


@strict
def _parts(x: Number) -> tuple[Number, Number]:
    """e^r - 1 and 2^n, where x = n ln 2 + r; 2^n is n in the exponent bits of a float."""
    z = _MOST if x > _MOST else x
    z = _LEAST if z < _LEAST else z
    n = np.floor(z * _LOG2_E + _HALF)
    r = (z - n * _LN_2[0]) - n * _LN_2[1]
    p = (((_E4 * r + _E3) * r + _E2) * r + _E1) * r + _E0
    power = np.int32((np.int32(n) + _BIAS) << _FRACTION_BITS).view(np.float32)
    return (p * r) * r + r, power


@overload(exp, jit_options=STRICT, strict=False)
def _exp(x: Number) -> Callable[[Number], Number]:
    if x != numba.types.float32:
        return lambda x: np.exp(x)

    def small(x: Number) -> Number:
        rest, power = _parts(x)
        y = _ZERO if x < _LEAST else (rest + _ONE) * power
        return y if x == x else x  # NaN has no nearest integer

    return small


@overload(expm1, jit_options=STRICT, strict=False)
def _expm1(x: Number) -> Callable[[Number], Number]:
    if x != numba.types.float32:
        return lambda x: np.expm1(x)

    def small(x: Number) -> Number:
        rest, power = _parts(x)
        return rest * power + (power - _ONE) if x == x else x

    return small


@overload(log1p, jit_options=STRICT, strict=False)
def _log1p(x: Number) -> Callable[[Number], Number]:
    if x != numba.types.float32:
        return lambda x: np.log1p(x)

    def small(x: Number) -> Number:
        s = x / (_TWO + x)
        q = s * s
        return s * (((((_L5 * q + _L4) * q + _L3) * q + _L2) * q + _L1) * q + _L0)

    return small


@overload(sigmoid, jit_options=STRICT, strict=False)
def _sigmoid(x: Number) -> Callable[[Number], Number]:
    zero, one = (_ZERO, _ONE) if x == numba.types.float32 else (0.0, 1.0)

    def of(x: Number) -> Number:
        e = exp(-abs(x))
        y = one / (one + e)
        return e * y if x < zero else y

    return of


@overload(tanh, jit_options=STRICT, strict=False)
def _tanh(x: Number) -> Callable[[Number], Number]:
    if x != numba.types.float32:
        return lambda x: np.tanh(x)

    def small(x: Number) -> Number:
        z = _FAR if x > _FAR else x
        z = -_FAR if z < -_FAR else z
        q = z * z
        p = (((_P4 * q + _P3) * q + _P2) * q + _P1) * q + _P0
        y = z * p / ((((_Q4 * q + _Q3) * q + _Q2) * q + _Q1) * q + _ONE)
        y = _ONE if y > _ONE else y
        return -_ONE if y < -_ONE else y

    return small


@overload(normal_tail, jit_options=STRICT, strict=False)
def _normal_tail(x: Number, e: Number) -> Callable[[Number, Number], Number]:
    if x != numba.types.float32:
        return lambda x, e: 0.5 * math.erfc(x * math.sqrt(0.5))

    def small(x: Number, e: Number) -> Number:
        z = x * _SQRT_HALF
        t = (z - _THREE) / (z + _THREE)
        h = ((((_T11 * t + _T10) * t + _T9) * t + _T8) * t + _T7) * t + _T6
        h = (((((h * t + _T5) * t + _T4) * t + _T3) * t + _T2) * t + _T1) * t + _T0
        return _HALF * e * h / (_ONE + z + z)

    return small
