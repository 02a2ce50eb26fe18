"""Axes in another order."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, field_validator

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.layer import Arrays, Bound, Context, Layer, Tensor, Tensors, layer
from dlrun.nn.steps import Steps


@layer("permute")
class Permute(Layer):
    """The axes of a sample in another order: [1, 0, 2] turns an image about its diagonal.

    Shape: (batch, ...) -> (batch, the same lengths in the order of ``axes``).
    """

    examples: ClassVar = ({"axes": (1, 0)}, {"axes": (1, 0, 2)})

    axes: Annotated[tuple[int, ...], Field(min_length=1)]
    """The axis that comes first, the one that comes second, and so on, counted from 0."""

    @field_validator("axes")
    @classmethod
    def _check(cls, axes: Shape) -> Shape:
        if sorted(axes) != list(range(len(axes))):
            raise ValueError(f"must hold each of 0 to {len(axes) - 1} once")
        return axes

    def output_shape(self, x: Shape) -> Shape:
        """The lengths in their new order."""
        if len(x) != len(self.axes):
            raise ShapeError(f"permute orders {len(self.axes)} axes, got {x}")
        return tuple(x[axis] for axis in self.axes)

    def steps(self, x: Shape, axis: int) -> Steps:
        """They are along the axis that the time axis becomes."""
        return Steps(self.axes.index(axis))

    def needed_gain(self) -> None:
        """That of the layer behind."""

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays."""
        order = (0, *(axis + 1 for axis in self.axes))
        x_turned = x.value.transpose(order)

        def forward() -> None:
            np.copyto(y.value, x_turned)

        if y.grad is None or x.grad is None:
            return Bound(forward)
        dy, dx_turned = y.grad, x.grad.transpose(order)
        return Bound(forward, lambda: np.copyto(dx_turned, dy))
