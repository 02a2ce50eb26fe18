"""Softmax as a layer."""

from __future__ import annotations

from typing import ClassVar

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.layers.base import Arrays, Bound, Context, Layer, Tensor, Tensors, layer


@layer("softmax")
class Softmax(Layer):
    """exp(x) / sum(exp(x)) over the last axis.

    For gates and attention inside a network; the loss ``cross_entropy`` includes a softmax.

    Shape: (batch, ..., n), unchanged.
    """

    keeps: ClassVar = "y"
    along: ClassVar = "last"

    def output_shape(self, x: Shape) -> Shape:
        """Unchanged."""
        if not x:
            raise ShapeError("softmax needs (..., n), got a single number")
        return x

    def bounds(self) -> tuple[float, float]:
        """0 to 1."""
        return (0.0, 1.0)

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays, all axes except the last as rows."""
        k = context.kernels.softmax
        rows = (-1, y.value.shape[-1])
        x_rows, y_rows = x.value.reshape(rows), y.value.reshape(rows)

        def forward() -> None:
            k.softmax(x_rows, y_rows)

        if y.grad is None or x.grad is None:
            return Bound(forward)
        dy, dx = y.grad.reshape(rows), x.grad.reshape(rows)
        return Bound(forward, lambda: k.softmax_backward(y_rows, dy, dx))
