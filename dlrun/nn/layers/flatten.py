"""A change of shape without a change of memory."""

from __future__ import annotations

import math
from typing import ClassVar

from dlrun.arrays import Shape
from dlrun.nn.graph import GraphBuilder, Value
from dlrun.nn.layer import Layer, layer
from dlrun.nn.masks import blank
from dlrun.nn.steps import Steps


@layer("flatten")
class Flatten(Layer):
    """All axes of a sample as one; padding becomes 0, and its mask ends.

    Shape: (batch, ...) -> (batch, product of the rest).
    """

    reshapes: ClassVar = True

    def output_shape(self, x: Shape) -> Shape:
        """The product of all lengths."""
        return (math.prod(x),)

    def steps(self, x: Shape, axis: int) -> Steps:
        """The time axis ends, unless it is all that there is."""
        return Steps(0 if x[axis] == math.prod(x) else None)

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append it; padding is 0 to the layers after it."""
        if x.mask is not None and self.steps(x.shape, x.axis).axis is None:
            x = blank(graph, x, self)
        return graph.add(self, (x,))
