"""Permutation of axes."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, field_validator

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.layers.base import Arrays, Bound, Context, Layer, Tensor, Tensors, layer
from dlrun.nn.steps import Steps


@layer("permute")
class Permute(Layer):
    """Permutes the axes of a sample: [1, 0, 2] transposes an image.

    Shape: (batch, ...) -> (batch, the same lengths in the order of ``axes``).
    """

    examples: ClassVar = ({"axes": (1, 0)}, {"axes": (1, 0, 2)})

    axes: Annotated[tuple[int, ...], Field(min_length=1)]
    """Input axis of each output axis, counted from 0 without the batch."""

    @field_validator("axes")
    @classmethod
    def _check(cls, axes: Shape) -> Shape:
        if sorted(axes) != list(range(len(axes))):
            raise ValueError(f"must contain each of 0 to {len(axes) - 1} once")
        return axes

    def output_shape(self, x: Shape) -> Shape:
        """The lengths in their new order."""
        if len(x) != len(self.axes):
            raise ShapeError(f"permute needs {len(self.axes)} axes, got {x}")
        return tuple(x[axis] for axis in self.axes)

    def steps(self, x: Shape, axis: int) -> Steps:
        """They move with the time axis."""
        return Steps(self.axes.index(axis))

    def needed_gain(self) -> None:
        """That of the next layer."""

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays."""
        order = (0, *(axis + 1 for axis in self.axes))
        x_turned = x.value.transpose(order)

        def forward() -> None:
            np.copyto(y.value, x_turned)

        if y.grad is None or x.grad is None:
            return Bound(forward)
        dy, dx_turned = y.grad, x.grad.transpose(order)
        return Bound(forward, lambda: np.copyto(dx_turned, dy))
