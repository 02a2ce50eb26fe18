"""The fully connected layer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.initializers.base import Initializer
from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.layers.base import Arrays, Bound, Context, Layer, Parameter, Tensor, Tensors, layer
from dlrun.nn.parallel.matmul import products, sum_of_rows


@layer("dense")
class Dense(Layer):
    """Fully connected layer: y = x W + b along the last axis.

    Shape: (batch, ..., n) -> (batch, ..., units).
    """

    keeps: ClassVar = "x"
    along: ClassVar = "last"
    # Samples are independent, but the gradient of a large kernel is better divided along the kernel
    # than along the batch, which would write it once per chunk.
    batchwide: ClassVar = True

    units: PositiveInt
    """Number of outputs."""
    bias: bool = True
    """Add a learned number to every output."""
    initializer: Initializer | None = None
    """Initial weights of the kernel; by default those of the spec's `initializer`."""

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
        """One for each weight, at every position."""
        return math.prod(x) * self.units

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays, all axes except the last as rows."""
        kernel, bias, k = parameters["kernel"], parameters.get("bias"), context.kernels
        w = kernel.value
        x_rows, y_rows = x.value.reshape(-1, len(w)), y.value.reshape(-1, self.units)
        multiply = context.each(products(k, x_rows, w, y_rows))
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
        pieces = products(k, x_rows.T, dy, kernel.grad)
        if x.grad is not None:
            pieces += products(k, dy, w.T, x.grad.reshape(x_rows.shape))
        if db is not None:
            pieces.append(sum_of_rows(k, dy, db))
        return Bound(forward, context.each_for(float(len(x_rows) * w.size))(pieces))
