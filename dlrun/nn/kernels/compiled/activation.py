"""Elementwise activations: see ``reference.activation`` for what each computes.

Those with an exponential stay NumPy's: it has vector versions of exp and tanh, Numba has not.
"""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel
from dlrun.nn.kernels.reference.activation import (
    elu,
    gelu,
    gelu_backward,
    sigmoid,
    silu,
    silu_backward,
    softplus,
    softplus_backward,
    tanh,
)

__all__ = [
    "elu",
    "elu_backward",
    "gelu",
    "gelu_backward",
    "leaky_relu",
    "leaky_relu_backward",
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


@kernel
def relu(x: Array, y: Array) -> None:
    """y = max(x, 0)."""
    zero = x.dtype.type(0)
    for i in range(x.size):
        y[i] = zero if x[i] < zero else x[i]  # this way round NaN stays NaN


@kernel
def relu_backward(y: Array, dy: Array, dx: Array) -> None:
    """dx = dy where y > 0."""
    zero = y.dtype.type(0)
    for i in range(y.size):
        dx[i] = dy[i] if y[i] > zero else zero


@kernel
def leaky_relu(x: Array, y: Array, slope: float) -> None:
    """y = x where x > 0, slope x elsewhere."""
    zero, less = x.dtype.type(0), x.dtype.type(slope)
    for i in range(x.size):
        y[i] = x[i] if x[i] > zero else less * x[i]


@kernel
def leaky_relu_backward(x: Array, dy: Array, dx: Array, slope: float) -> None:
    """dx = dy where x > 0, slope dy elsewhere."""
    zero, less = x.dtype.type(0), x.dtype.type(slope)
    for i in range(x.size):
        dx[i] = dy[i] if x[i] > zero else less * dy[i]


@kernel
def elu_backward(y: Array, dy: Array, dx: Array, alpha: float, scale: float) -> None:
    """dx = scale dy where y > 0, dy (y + scale alpha) elsewhere."""
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
def sigmoid_backward(y: Array, dy: Array, dx: Array) -> None:
    """dx = dy y (1 - y)."""
    one = y.dtype.type(1)
    for i in range(y.size):
        dx[i] = dy[i] * y[i] * (one - y[i])
