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
from dlrun.nn.layer import Bound, Context, Layer, Parameter, Tensor, layer
from dlrun.nn.pieces import cut
from dlrun.nn.threads import Work

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

    def bind(
        self,
        x: Tensor,
        y: Tensor,
        p: Mapping[str, Tensor],
        s: Mapping[str, Array],
        context: Context,
    ) -> Bound:
        """Close over the arrays, all axes but the last as rows."""
        kernel, bias = p["kernel"], p.get("bias")
        w, b = kernel.value, None if bias is None else bias.value
        x_rows, y_rows = x.value.reshape(-1, len(w)), y.value.reshape(-1, self.units)
        work = float(len(x_rows) * w.size)
        by_row = cut(len(x_rows), work, _PIECE, _MOST_PIECES)

        def affine(x_part: Array, y_part: Array) -> None:
            np.matmul(x_part, w, out=y_part)
            if b is not None:
                np.add(y_part, b, out=y_part)

        forward = context.each([partial(affine, x_rows[i], y_rows[i]) for i in by_row])
        if y.grad is None:
            return Bound(forward)
        dy, dw = y.grad.reshape(-1, self.units), kernel.grad
        db = None if bias is None else bias.grad
        by_input = cut(len(w), work, _PIECE, _MOST_PIECES)
        pieces: list[Work] = [
            partial(np.matmul, x_rows[:, i].T, dy, None if dw is None else dw[i]) for i in by_input
        ]
        if x.grad is not None:
            dx = x.grad.reshape(x_rows.shape)
            pieces += [partial(np.matmul, dy[i], w.T, dx[i]) for i in by_row]
        run = context.each(pieces)
        ones = np.ones(len(dy), dy.dtype)

        def backward() -> None:
            if db is not None:
                np.matmul(ones, dy, out=db)  # a sum over rows, at the speed of BLAS
            run()

        return Bound(forward, backward)
