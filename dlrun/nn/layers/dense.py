"""The fully connected layer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.initializer import Initializer
from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.layer import Arrays, Bound, Context, Layer, Parameter, Tensor, Tensors, layer
from dlrun.nn.products import PIECE, products, sum_of_rows
from dlrun.nn.threads import chain


@layer("dense")
class Dense(Layer):
    """Affine map y = x W + b of the last axis.

    Shape: (batch, ..., n) -> (batch, ..., units).
    """

    keeps: ClassVar = "x"
    along: ClassVar = "last"
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
        multiply = context.each(products(x_rows, w, y_rows))
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
        pieces = products(x_rows.T, dy, kernel.grad)
        if x.grad is not None:
            pieces += products(dy, w.T, x.grad.reshape(x_rows.shape))
        if db is not None:
            pieces.append(sum_of_rows(dy, db))
        small = len(x_rows) * w.size < PIECE  # the products of a small layer stay on one thread
        return Bound(forward, chain(pieces) if small else context.each(pieces))
