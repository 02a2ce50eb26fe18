"""A change of shape without a change of memory."""

from __future__ import annotations

import math
from typing import ClassVar

from dlrun.arrays import Shape
from dlrun.nn.layer import Layer, layer


@layer("flatten")
class Flatten(Layer):
    """All axes of a sample as one.

    Shape: (batch, ...) -> (batch, product of the rest).
    """

    reshapes: ClassVar = True

    def output_shape(self, x: Shape) -> Shape:
        """The product of all lengths."""
        return (math.prod(x),)
