"""The fully connected layer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.initializer import Initializer
from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.layer import Bound, Context, Layer, Parameter, Tensor, layer


@layer("dense")
class Dense(Layer):
    """Affine map y = x W + b of the last axis.

    Shape: (batch, ..., n) -> (batch, ..., units).
    """

    keeps: ClassVar = "x"

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
        w, b = p["kernel"], p.get("bias")
        x_rows = x.value.reshape(-1, x.value.shape[-1])
        y_rows = y.value.reshape(-1, self.units)

        def forward() -> None:
            np.matmul(x_rows, w.value, out=y_rows)
            if b is not None:
                np.add(y_rows, b.value, out=y_rows)

        if y.grad is None:
            return Bound(forward)
        dy = y.grad.reshape(-1, self.units)
        dx = None if x.grad is None else x.grad.reshape(x_rows.shape)

        def backward() -> None:
            np.matmul(x_rows.T, dy, out=w.grad)
            if b is not None:
                np.sum(dy, axis=0, out=b.grad)
            if dx is not None:
                np.matmul(dy, w.value.T, out=dx)

        return Bound(forward, backward)
