"""The fully connected layer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import ClassVar

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.initializer import Initializer
from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.layer import Arrays, Bound, Context, Layer, Parameter, Tensor, Tensors, layer
from dlrun.nn.pieces import cut
from dlrun.nn.threads import Work, chain

_PIECE = 8e6
"""Multiply-adds that are worth handing to another thread: about 0.1 ms."""

_MOST_PIECES = 4
"""Smaller products than these would not reach the speed of large ones."""


@layer("dense")
class Dense(Layer):
    """Affine map y = x W + b of the last axis.

    Shape: (batch, ..., n) -> (batch, ..., units).
    """

    keeps: ClassVar = "x"
    # Samples are independent, but the gradient of a large kernel is better cut along the kernel
    # than along the batch, which would write it once a chunk.
    batchwide: ClassVar = True

    units: PositiveInt
    """Outputs."""
    bias: bool = True
    """Add a learned number to every output."""
    initializer: Initializer | None = None
    """First values of the kernel; the spec's default where none is named."""

    def output_shape(self, x: Shape) -> Shape:
        """The last axis becomes ``units``."""
        if not x:
            raise ShapeError("dense needs (..., n), got a single number")
        return (*x[:-1], self.units)

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Kernel (n, units) and bias (units,)."""
        n = x[-1]
        kernel = Parameter((n, self.units), self.initializer, fan_in=n, fan_out=self.units)
        bias = Parameter((self.units,), Zeros(), decay=False)
        return {"kernel": kernel, "bias": bias} if self.bias else {"kernel": kernel}

    def multiply_adds(self, x: Shape) -> int:
        """One for each weight, at every place."""
        return math.prod(x) * self.units

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays, all axes but the last as rows."""
        kernel, bias = p["kernel"], p.get("bias")
        w = kernel.value
        x_rows, y_rows = x.value.reshape(-1, len(w)), y.value.reshape(-1, self.units)
        multiply = context.each(_products(x_rows, w, y_rows))
        if bias is None:
            forward = multiply
        else:
            b = bias.value

            def forward() -> None:
                multiply()
                np.add(y_rows, b, out=y_rows)

        if y.grad is None or kernel.grad is None:
            return Bound(forward)
        dy, db = y.grad.reshape(-1, self.units), None if bias is None else bias.grad
        products = _products(x_rows.T, dy, kernel.grad)
        if x.grad is not None:
            products += _products(dy, w.T, x.grad.reshape(x_rows.shape))
        ones = np.ones(len(dy), dy.dtype)
        if db is not None:
            products.append(partial(np.matmul, ones, dy, db))  # a sum over rows, as fast as BLAS
        small = len(x_rows) * w.size < _PIECE  # the products of a small layer stay on one thread
        return Bound(forward, chain(products) if small else context.each(products))


def _products(a: Array, b: Array, out: Array) -> list[Work]:
    """a b, in pieces along the longer side of the result.

    BLAS copies the operand that all pieces share for each of them, so that should be the small one.
    """
    rows, columns = out.shape
    work = float(rows * columns * len(b))
    if rows > columns:
        parts = cut(rows, work, _PIECE, _MOST_PIECES)
        return [partial(np.matmul, a[i], b, out[i]) for i in parts]
    parts = cut(columns, work, _PIECE, _MOST_PIECES)
    return [partial(np.matmul, a, b[:, i], out[:, i]) for i in parts]
