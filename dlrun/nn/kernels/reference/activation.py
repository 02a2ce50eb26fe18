"""Elementwise activations and their derivatives.

Every forward takes ``(x, y)`` and writes y; every backward takes what it needs of x or y, and
``(dy, dx)``, and writes dx.  All arrays have one shape.
"""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
_GELU_C = math.sqrt(2.0 / math.pi)


def relu(x: Array, y: Array) -> None:
    """y = max(x, 0)."""
    np.maximum(x, 0, out=y)


def relu_backward(y: Array, dy: Array, dx: Array) -> None:
    """dx = dy where y > 0."""
    np.multiply(dy, y > 0, out=dx)


def leaky_relu(x: Array, y: Array, slope: float) -> None:
    """y = x where x > 0, slope x elsewhere."""
    np.multiply(x, np.where(x > 0, 1.0, slope).astype(x.dtype), out=y)


def leaky_relu_backward(x: Array, dy: Array, dx: Array, slope: float) -> None:
    """dx = dy where x > 0, slope dy elsewhere."""
    np.multiply(dy, np.where(x > 0, 1.0, slope).astype(x.dtype), out=dx)


def elu(x: Array, y: Array, alpha: float, scale: float) -> None:
    """y = scale x where x > 0, scale alpha (exp(x) - 1) elsewhere."""
    np.expm1(np.minimum(x, 0), out=y)
    np.multiply(y, alpha, out=y)
    np.add(y, np.maximum(x, 0), out=y)
    np.multiply(y, scale, out=y)


def elu_backward(y: Array, dy: Array, dx: Array, alpha: float, scale: float) -> None:
    """dx = scale dy where y > 0, dy (y + scale alpha) elsewhere."""
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
    """y = 1 / (1 + exp(-x)), as (1 + tanh(x / 2)) / 2, which cannot overflow."""
    np.multiply(x, 0.5, out=y)
    np.tanh(y, out=y)
    np.add(y, 1, out=y)
    np.multiply(y, 0.5, out=y)


def sigmoid_backward(y: Array, dy: Array, dx: Array) -> None:
    """dx = dy y (1 - y)."""
    np.subtract(1, y, out=dx)
    np.multiply(dx, y, out=dx)
    np.multiply(dx, dy, out=dx)


def softplus(x: Array, y: Array) -> None:
    """y = log(1 + exp(x))."""
    np.logaddexp(x, 0, out=y)


def softplus_backward(x: Array, dy: Array, dx: Array) -> None:
    """dx = dy sigmoid(x)."""
    sigmoid(x, dx)
    np.multiply(dx, dy, out=dx)


def silu(x: Array, y: Array) -> None:
    """y = x sigmoid(x)."""
    sigmoid(x, y)
    np.multiply(y, x, out=y)


def silu_backward(x: Array, dy: Array, dx: Array) -> None:
    """dx = dy s (1 + x (1 - s)), s = sigmoid(x)."""
    sigmoid(x, dx)
    s = dx.copy()
    np.subtract(1, dx, out=dx)
    np.multiply(dx, x, out=dx)
    np.add(dx, 1, out=dx)
    np.multiply(dx, s, out=dx)
    np.multiply(dx, dy, out=dx)


def gelu(x: Array, y: Array) -> None:
    """y = x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2."""
    np.multiply(x, 0.5 * (1 + np.tanh(_GELU_C * (x + 0.044715 * x * x * x))), out=y)


def gelu_backward(x: Array, dy: Array, dx: Array) -> None:
    """dx = dy (1 + t + x (1 - t^2) sqrt(2/pi) (1 + 3 * 0.044715 x^2)) / 2, t the tanh of gelu."""
    t = np.tanh(_GELU_C * (x + 0.044715 * x * x * x))
    slope = 0.5 * (1 + t + x * (1 - t * t) * _GELU_C * (1 + 3 * 0.044715 * x * x))
    np.multiply(dy, slope, out=dx)
