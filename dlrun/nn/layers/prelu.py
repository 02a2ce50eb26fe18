"""The activation with a learned slope."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.initializers.constant import Constant
from dlrun.nn.layers.base import Arrays, Bound, Context, Layer, Parameter, Tensor, Tensors, layer


@layer("prelu")
class PReLU(Layer):
    """x if x > 0, otherwise x times a learned slope of its channel.

    He et al., "Delving deep into rectifiers", ICCV 2015.  Weight decay does not apply to the
    slopes, as the paper advises: it would pull them towards 0, which is relu.

    Shape: (batch, ..., channels), unchanged.
    """

    keeps: ClassVar = "x"
    along: ClassVar = "none"

    start: float = 0.25
    """Initial value of every slope."""

    def output_shape(self, x: Shape) -> Shape:
        """Unchanged."""
        if not x:
            raise ShapeError("prelu needs (..., channels), got a single number")
        return x

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Slope (channels,)."""
        return {"slope": Parameter(x[-1:], Constant(value=self.start), decay=False)}

    def needed_gain(self) -> float:
        """sqrt(2 / (1 + a^2)), a being the initial slope; see ``Activation.needed_gain``."""
        return math.sqrt(2 / (1 + self.start**2))

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays, all axes except the last as rows."""
        k, slope = context.kernels.activation, parameters["slope"]
        rows = (-1, len(slope.value))
        x_rows, y_rows = x.value.reshape(rows), y.value.reshape(rows)

        def forward() -> None:
            k.prelu(x_rows, slope.value, y_rows)

        if y.grad is None:
            return Bound(forward)
        dx = np.empty_like(x_rows) if x.grad is None else x.grad.reshape(rows)
        dy = y.grad.reshape(rows)
        return Bound(forward, lambda: k.prelu_backward(x_rows, slope.value, dy, dx, slope.grad))
