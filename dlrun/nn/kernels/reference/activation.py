"""Elementwise activations and their derivatives.

Every forward function takes ``(x, y)`` and writes y; every backward function takes x, or y if that
is sufficient, and ``(dy, dx)``, and writes dx.  All arrays have one shape, except those of prelu.

Small values are accurate: no forward function is a difference of numbers near 1.  The slopes of
elu, tanh and sigmoid are nevertheless computed from y: that needs no exp, and x need not be kept.
Their absolute error is the rounding error of 1, and the slope is 0 where y rounds to 1.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from dlrun.arrays import Array

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
_GELU_C = math.sqrt(2.0 / math.pi)
_GELU_CUBE = 0.044715
MISH_MOST = 20.0
"""From here on mish(x) rounds to x, and the square of exp(x) does not overflow."""
_NORMAL_PEAK = 1.0 / math.sqrt(2.0 * math.pi)

NORMAL_TAIL = (
    1.17756257419656005,
    0.00535390453961567677,
    -0.0937755034228420905,
    0.0543665255574432205,
    -0.0189765967078452074,
    0.00445342606146271157,
    -0.000633553171055314694,
    0.0000176617195231715919,
    0.0000128415328640566707,
    -2.00722856590599144e-6,
    -1.8075227904148371e-7,
    7.54982834382509283e-8,
    1.88566852383860279e-9,
    -2.699519049798364e-9,
    -1.46007911993910502e-11,
    1.03616074459694896e-10,
    1.47571597662347208e-12,
    -4.27734006439691156e-12,
    -2.07922492859799422e-13,
    1.81345020031769581e-13,
    1.97342557454477323e-14,
    -7.28794373759199973e-15,
    -1.51698786902192166e-15,
)
"""Chebyshev series of (1 + 2z) exp(z^2) erfc(z) in t = (z - 3) / (z + 3), for z >= 0.

Shepherd & Laframboise, "Chebyshev approximation of (1+2x)exp(x^2)erfc x in 0 <= x < inf",
Mathematics of Computation 36, 1981.  Twelve terms are sufficient for float32."""


def relu(x: Array, y: Array) -> None:
    """y = max(x, 0)."""
    np.maximum(x, 0, out=y)


def relu_backward(y: Array, dy: Array, dx: Array) -> None:
    """dx = dy where y > 0."""
    np.multiply(dy, y > 0, out=dx)


def leaky_relu(x: Array, y: Array, slope: float) -> None:
    """y = x where x > 0, otherwise slope x."""
    np.multiply(x, np.where(x > 0, 1.0, slope).astype(x.dtype), out=y)


def leaky_relu_backward(x: Array, dy: Array, dx: Array, slope: float) -> None:
    """dx = dy where x > 0, otherwise slope dy."""
    np.multiply(dy, np.where(x > 0, 1.0, slope).astype(x.dtype), out=dx)


def elu(x: Array, y: Array, alpha: float, scale: float) -> None:
    """y = scale x where x > 0, otherwise scale alpha (exp(x) - 1)."""
    np.expm1(np.minimum(x, 0), out=y)
    np.multiply(y, alpha, out=y)
    np.add(y, np.maximum(x, 0), out=y)
    np.multiply(y, scale, out=y)


def elu_backward(y: Array, dy: Array, dx: Array, alpha: float, scale: float) -> None:
    """dx = scale dy where y > 0, otherwise dy (y + scale alpha)."""
    np.multiply(dy, np.where(y > 0, scale, y + scale * alpha), out=dx)


def tanh(x: Array, y: Array) -> None:
    """y = tanh(x)."""
    np.tanh(x, out=y)


def tanh_backward(y: Array, dy: Array, dx: Array) -> None:
    """dx = dy (1 - y^2)."""
    np.multiply(y, y, out=dx)
    np.subtract(1, dx, out=dx)
    np.multiply(dy, dx, out=dx)


def sigmoid(x: Array, y: Array) -> None:
    """y = 1 / (1 + exp(-x)); exp may overflow, and y is 0 then."""
    np.negative(x, out=y)
    with np.errstate(over="ignore"):
        np.exp(y, out=y)
    np.add(y, 1, out=y)
    np.reciprocal(y, out=y)


def sigmoid_backward(y: Array, dy: Array, dx: Array) -> None:
    """dx = dy y (1 - y)."""
    np.subtract(1, y, out=dx)
    np.multiply(dx, y, out=dx)
    np.multiply(dx, dy, out=dx)


def _fade(x: Array, e: Array) -> None:
    """e = exp(-|x|)."""
    np.abs(x, out=e)
    np.negative(e, out=e)
    np.exp(e, out=e)


def softplus(x: Array, y: Array) -> None:
    """y = log(1 + exp(x)), as max(x, 0) + log(1 + exp(-|x|)), which cannot overflow."""
    np.add(np.maximum(x, 0), np.log1p(np.exp(-np.abs(x))), out=y)


def softplus_backward(x: Array, dy: Array, dx: Array) -> None:
    """dx = dy sigmoid(x)."""
    sigmoid(x, dx)
    np.multiply(dx, dy, out=dx)


def silu(x: Array, y: Array) -> None:
    """y = x sigmoid(x)."""
    sigmoid(x, y)
    np.multiply(y, x, out=y)


def silu_backward(x: Array, dy: Array, dx: Array) -> None:
    """dx = dy s(x) (1 + x s(-x)), s the sigmoid."""
    _fade(x, dx)
    whole = dx + 1
    s = np.maximum(dx, x >= 0)
    np.divide(s, whole, out=s)
    np.maximum(dx, x < 0, out=dx)
    np.divide(dx, whole, out=dx)
    np.multiply(dx, x, out=dx)
    np.add(dx, 1, out=dx)
    np.multiply(dx, s, out=dx)
    np.multiply(dx, dy, out=dx)


def gelu(x: Array, y: Array) -> None:
    """y = x N(x), N the normal distribution function."""
    np.multiply(x, _normal(x)[0], out=y)


def gelu_backward(x: Array, dy: Array, dx: Array) -> None:
    """dx = dy (N(x) + x n(x)), n the normal density."""
    below, density = _normal(x)
    np.multiply(dy, below + x * density, out=dx)


def _normal(x: Array) -> tuple[Array, Array]:
    """Normal distribution function and density."""
    e = np.exp(-0.5 * x * x)
    z = np.abs(x) * math.sqrt(0.5)
    t = (z - 3) / (z + 3)
    first, *rest = _polynomial(12 if x.itemsize < 8 else len(NORMAL_TAIL))
    h = np.full_like(t, first)
    for coefficient in rest:
        h *= t
        h += coefficient
    tail = 0.5 * e * h / (1 + 2 * z)
    return np.where(x < 0, tail, 1 - tail), _NORMAL_PEAK * e


@cache
def _polynomial(terms: int) -> list[float]:
    """The first terms of NORMAL_TAIL as a polynomial in t, the highest power first."""
    powers: list[float] = np.polynomial.chebyshev.cheb2poly(NORMAL_TAIL[:terms])[::-1].tolist()
    return powers


def gelu_tanh(x: Array, y: Array) -> None:
    """y = x (1 + tanh(u)) / 2, u = sqrt(2/pi) (x + 0.044715 x^3), as x s(2u), s the sigmoid."""
    s = np.empty_like(x)
    sigmoid(_twice_u(x), s)
    np.multiply(x, s, out=y)


def gelu_tanh_backward(x: Array, dy: Array, dx: Array) -> None:
    """dx = dy (s(2u) + x s(2u) s(-2u) 2 du/dx)."""
    s, slope, twice = np.empty_like(x), np.empty_like(x), _twice_u(x)
    sigmoid(twice, s)
    _fade(twice, slope)
    slope /= np.square(slope + 1)  # s(2u) s(-2u)
    slope *= x
    slope *= 2 * _GELU_C * (1 + 3 * _GELU_CUBE * np.square(x))
    slope += s
    np.multiply(dy, slope, out=dx)


def _twice_u(x: Array) -> Array:
    twice: Array = 2 * _GELU_C * x * (1 + _GELU_CUBE * np.square(x))
    return twice


def mish(x: Array, y: Array) -> None:
    """y = x tanh(log(1 + exp(x)))."""
    softplus(x, y)
    np.multiply(x, np.tanh(y), out=y)


def mish_backward(x: Array, dy: Array, dx: Array) -> None:
    """dx = dy (w + x (1 - w) (1 + w) s), s = sigmoid(x) and w the tanh in mish.

    With e = exp(x) and n = e (e + 2), w = n / (n + 2) and 1 - w = 2 / (n + 2).
    """
    e = np.exp(np.minimum(x, MISH_MOST))
    n = e * (e + 2)
    w, rest = n / (n + 2), 2 / (n + 2)
    np.multiply(dy, w + x * rest * (1 + w) * (e / (1 + e)), out=dx)


def hard_swish(x: Array, y: Array) -> None:
    """y = x min(max(x + 3, 0), 6) / 6."""
    np.multiply(x, np.clip(x + 3, 0, 6) / 6, out=y)


def hard_swish_backward(x: Array, dy: Array, dx: Array) -> None:
    """dx = dy (2x + 3) / 6 between -3 and 3, dy on the right, 0 on the left."""
    np.multiply(dy, np.where(x <= -3, 0, np.where(x >= 3, 1, x / 3 + 0.5)), out=dx)


def prelu(x: Array, slope: Array, y: Array) -> None:
    """y = x where x > 0, otherwise slope x, for x (rows, channels) and slope (channels,)."""
    np.multiply(x, np.where(x > 0, 1, slope), out=y)


def prelu_backward(x: Array, slope: Array, dy: Array, dx: Array, dslope: Array) -> None:
    """dx = dy where x > 0, otherwise slope dy; dslope: sums of dy x over rows with x <= 0."""
    np.sum(np.where(x > 0, 0, dy * x), axis=0, out=dslope)
    np.multiply(dy, np.where(x > 0, 1, slope), out=dx)
