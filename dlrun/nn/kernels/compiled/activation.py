"""Elementwise activations: see ``reference.activation`` for what each computes.

tanh stays NumPy's, which is as fast as a loop with ``elementary.exp``, and exact near 0.
"""

from __future__ import annotations

import math

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled import elementary
from dlrun.nn.kernels.compiled.jit import kernel
from dlrun.nn.kernels.reference.activation import MISH_MOST, tanh

__all__ = [
    "elu",
    "elu_backward",
    "gelu",
    "gelu_backward",
    "gelu_tanh",
    "gelu_tanh_backward",
    "hard_swish",
    "hard_swish_backward",
    "leaky_relu",
    "leaky_relu_backward",
    "mish",
    "mish_backward",
    "prelu",
    "prelu_backward",
    "relu",
    "relu_backward",
    "sigmoid",
    "sigmoid_backward",
    "silu",
    "silu_backward",
    "softplus",
    "softplus_backward",
    "tanh",
    "tanh_backward",
]

_GELU_SCALE = 2.0 * math.sqrt(2.0 / math.pi)
_GELU_CUBE = 0.044715
_NORMAL_PEAK = 1.0 / math.sqrt(2.0 * math.pi)


@kernel
def relu(x: Array, y: Array) -> None:
    """y = max(x, 0)."""
    zero = x.dtype.type(0)
    for i in range(x.size):
        y[i] = zero if x[i] < zero else x[i]  # in this order NaN stays NaN


@kernel
def relu_backward(y: Array, dy: Array, dx: Array) -> None:
    """dx = dy where y > 0."""
    zero = y.dtype.type(0)
    for i in range(y.size):
        dx[i] = dy[i] if y[i] > zero else zero


@kernel
def leaky_relu(x: Array, y: Array, slope: float) -> None:
    """y = x where x > 0, otherwise slope x."""
    zero, less = x.dtype.type(0), x.dtype.type(slope)
    for i in range(x.size):
        y[i] = x[i] if x[i] > zero else less * x[i]


@kernel
def leaky_relu_backward(x: Array, dy: Array, dx: Array, slope: float) -> None:
    """dx = dy where x > 0, otherwise slope dy."""
    zero, less = x.dtype.type(0), x.dtype.type(slope)
    for i in range(x.size):
        dx[i] = dy[i] if x[i] > zero else less * dy[i]


@kernel
def elu(x: Array, y: Array, alpha: float, scale: float) -> None:
    """y = scale x where x > 0, otherwise scale alpha (exp(x) - 1)."""
    zero = x.dtype.type(0)
    right, left = x.dtype.type(scale), x.dtype.type(scale * alpha)
    for i in range(x.size):
        below = left * elementary.expm1(zero if x[i] > zero else x[i])
        y[i] = right * x[i] if x[i] > zero else below


@kernel
def elu_backward(y: Array, dy: Array, dx: Array, alpha: float, scale: float) -> None:
    """dx = scale dy where y > 0, otherwise dy (y + scale alpha)."""
    zero, right, limit = y.dtype.type(0), y.dtype.type(scale), y.dtype.type(scale * alpha)
    for i in range(y.size):
        dx[i] = dy[i] * (right if y[i] > zero else y[i] + limit)


@kernel
def tanh_backward(y: Array, dy: Array, dx: Array) -> None:
    """dx = dy (1 - y^2)."""
    one = y.dtype.type(1)
    for i in range(y.size):
        dx[i] = dy[i] * (one - y[i] * y[i])


@kernel
def sigmoid(x: Array, y: Array) -> None:
    """y = 1 / (1 + exp(-x))."""
    for i in range(x.size):
        y[i] = elementary.sigmoid(x[i])


@kernel
def sigmoid_backward(y: Array, dy: Array, dx: Array) -> None:
    """dx = dy y (1 - y)."""
    one = y.dtype.type(1)
    for i in range(y.size):
        dx[i] = dy[i] * y[i] * (one - y[i])


@kernel
def softplus(x: Array, y: Array) -> None:
    """y = log(1 + exp(x)), as max(x, 0) + log(1 + exp(-|x|))."""
    zero = x.dtype.type(0)
    for i in range(x.size):
        y[i] = (x[i] if x[i] > zero else zero) + elementary.log1p(elementary.exp(-abs(x[i])))


@kernel
def softplus_backward(x: Array, dy: Array, dx: Array) -> None:
    """dx = dy sigmoid(x)."""
    for i in range(x.size):
        dx[i] = dy[i] * elementary.sigmoid(x[i])


@kernel
def silu(x: Array, y: Array) -> None:
    """y = x sigmoid(x)."""
    for i in range(x.size):
        y[i] = x[i] * elementary.sigmoid(x[i])


@kernel
def silu_backward(x: Array, dy: Array, dx: Array) -> None:
    """dx = dy s(x) (1 + x s(-x)), s the sigmoid."""
    zero, one = x.dtype.type(0), x.dtype.type(1)
    for i in range(x.size):
        e = elementary.exp(-abs(x[i]))
        large = one / (one + e)
        small = e * large
        s, rest = (small, large) if x[i] < zero else (large, small)
        dx[i] = dy[i] * s * (one + x[i] * rest)


@kernel
def gelu(x: Array, y: Array) -> None:
    """y = x N(x), N the normal distribution function."""
    zero, half, one = x.dtype.type(0), x.dtype.type(0.5), x.dtype.type(1)
    for i in range(x.size):
        tail = elementary.normal_tail(abs(x[i]), elementary.exp(-half * x[i] * x[i]))
        y[i] = x[i] * (tail if x[i] < zero else one - tail)


@kernel
def gelu_backward(x: Array, dy: Array, dx: Array) -> None:
    """dx = dy (N(x) + x n(x)), n the normal density."""
    zero, half, one = x.dtype.type(0), x.dtype.type(0.5), x.dtype.type(1)
    peak = x.dtype.type(_NORMAL_PEAK)
    for i in range(x.size):
        e = elementary.exp(-half * x[i] * x[i])
        tail = elementary.normal_tail(abs(x[i]), e)
        dx[i] = dy[i] * ((tail if x[i] < zero else one - tail) + x[i] * peak * e)


@kernel
def gelu_tanh(x: Array, y: Array) -> None:
    """y = x s(2 u), u the argument of the tanh: (1 + tanh(u)) / 2 is s(2 u), s the sigmoid."""
    one, scale, cube = x.dtype.type(1), x.dtype.type(_GELU_SCALE), x.dtype.type(_GELU_CUBE)
    for i in range(x.size):
        y[i] = x[i] * elementary.sigmoid(scale * x[i] * (one + cube * x[i] * x[i]))


@kernel
def gelu_tanh_backward(x: Array, dy: Array, dx: Array) -> None:
    """dx = dy (s(2 u) + x s(2 u) s(-2 u) 2 du/dx)."""
    zero, one = x.dtype.type(0), x.dtype.type(1)
    scale, cube = x.dtype.type(_GELU_SCALE), x.dtype.type(_GELU_CUBE)
    three = x.dtype.type(3.0 * _GELU_CUBE)
    for i in range(x.size):
        q = x[i] * x[i]
        e = elementary.exp(-abs(scale * x[i] * (one + cube * q)))
        large = one / (one + e)
        small = e * large
        s = small if x[i] < zero else large
        dx[i] = dy[i] * (s + x[i] * large * small * scale * (one + three * q))


@kernel
def mish(x: Array, y: Array) -> None:
    """y = x n / (n + 2), n = e (e + 2) and e = exp(x): the tanh of a logarithm is a quotient."""
    two, most = x.dtype.type(2), x.dtype.type(MISH_MOST)
    for i in range(x.size):
        e = elementary.exp(most if x[i] > most else x[i])
        n = e * (e + two)
        y[i] = x[i] * (n / (n + two))


@kernel
def mish_backward(x: Array, dy: Array, dx: Array) -> None:
    """dx = dy (w + x (1 - w) (1 + w) s), w = n / (n + 2), 1 - w = 2 / (n + 2), s = e / (1 + e)."""
    one, two, most = x.dtype.type(1), x.dtype.type(2), x.dtype.type(MISH_MOST)
    for i in range(x.size):
        e = elementary.exp(most if x[i] > most else x[i])
        n = e * (e + two)
        w, rest = n / (n + two), two / (n + two)
        dx[i] = dy[i] * (w + x[i] * rest * (one + w) * (e / (one + e)))


@kernel
def hard_swish(x: Array, y: Array) -> None:
    """y = x min(max(x + 3, 0), 6) / 6."""
    zero, three, six = x.dtype.type(0), x.dtype.type(3), x.dtype.type(6)
    for i in range(x.size):
        gate = x[i] + three
        gate = zero if gate < zero else gate
        y[i] = x[i] * (six if gate > six else gate) / six


@kernel
def hard_swish_backward(x: Array, dy: Array, dx: Array) -> None:
    """dx = dy (2x + 3) / 6 between -3 and 3, dy on the right, 0 on the left."""
    zero, half, one, three = (
        x.dtype.type(0),
        x.dtype.type(0.5),
        x.dtype.type(1),
        x.dtype.type(3),
    )
    for i in range(x.size):
        slope = x[i] / three + half
        slope = zero if x[i] <= -three else slope
        dx[i] = dy[i] * (one if x[i] >= three else slope)


@kernel
def prelu(x: Array, slope: Array, y: Array) -> None:
    """y = x where x > 0, otherwise slope x."""
    zero = x.dtype.type(0)
    rows, channels = x.shape
    for i in range(rows):
        for c in range(channels):
            y[i, c] = x[i, c] if x[i, c] > zero else slope[c] * x[i, c]


@kernel
def prelu_backward(x: Array, slope: Array, dy: Array, dx: Array, dslope: Array) -> None:
    """dx = dy where x > 0, otherwise slope dy; dslope: sums of dy x over rows with x <= 0."""
    zero = x.dtype.type(0)
    rows, channels = x.shape
    dslope[:] = zero
    for i in range(rows):
        for c in range(channels):
            right = x[i, c] > zero
            dx[i, c] = dy[i, c] if right else slope[c] * dy[i, c]
            dslope[c] += zero if right else dy[i, c] * x[i, c]
