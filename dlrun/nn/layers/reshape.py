"""A change of shape without a change of memory, to any shape."""

from __future__ import annotations

import math
from typing import ClassVar

from pydantic import Field, PositiveInt

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.layer import Layer, layer


@layer("reshape")
class Reshape(Layer):
    """The numbers of a sample in another shape, in the same order.

    Shape: (batch, ...) -> (batch, shape), of as many numbers.
    """

    reshapes: ClassVar = True

    shape: tuple[PositiveInt, ...] = Field(min_length=1)
    """Shape of a sample behind the layer, as [8, 8, 1]."""

    def output_shape(self, x: Shape) -> Shape:
        """As the spec says."""
        if math.prod(self.shape) != math.prod(x):
            raise ShapeError(
                f"reshape to {self.shape} needs {math.prod(self.shape)} numbers, "
                f"got {math.prod(x)} in {x}"
            )
        return self.shape
