"""Softmax over the last axis: see ``reference.softmax``."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled import elementary
from dlrun.nn.kernels.compiled.jit import kernel


@kernel
def softmax(x: Array, y: Array) -> None:
    """y = exp(x) / sum(exp(x)) over the last axis."""
    rows, n = x.shape
    zero, one = x.dtype.type(0), x.dtype.type(1)
    for i in range(rows):
        source, target = x[i], y[i]
        largest = source[0]
        for j in range(1, n):
            largest = source[j] if source[j] > largest else largest
        total = zero
        for j in range(n):
            e = elementary.exp(source[j] - largest)
            target[j] = e
            total += e
        share = one / total
        for j in range(n):
            target[j] *= share


@kernel
def softmax_backward(y: Array, dy: Array, dx: Array) -> None:
    """dx = y (dy - sum(dy y))."""
    rows, n = y.shape
    for i in range(rows):
        total = y.dtype.type(0)
        for j in range(n):
            total += dy[i, j] * y[i, j]
        for j in range(n):
            dx[i, j] = y[i, j] * (dy[i, j] - total)
