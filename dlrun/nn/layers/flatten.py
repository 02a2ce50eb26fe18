"""A change of shape without a change of memory."""

from __future__ import annotations

import math
from typing import ClassVar

from dlrun.arrays import Shape
from dlrun.nn.graph.builder import GraphBuilder, Value
from dlrun.nn.graph.padding import blank
from dlrun.nn.layers.base import Layer, layer
from dlrun.nn.steps import Steps


@layer("flatten")
class Flatten(Layer):
    """Joins all axes of a sample into one; padding becomes 0, and the mask ends.

    Shape: (batch, ...) -> (batch, product of the rest).
    """

    reshapes: ClassVar = True

    def output_shape(self, x: Shape) -> Shape:
        """The product of all lengths."""
        return (math.prod(x),)

    def steps(self, x: Shape, axis: int) -> Steps:
        """The time axis ends, unless it is the only axis."""
        return Steps(0 if x[axis] == math.prod(x) else None)

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append the layer; padding becomes 0 for the next layers."""
        if x.mask is not None and self.steps(x.shape, x.axis).axis is None:
            x = blank(graph, x, self)
        return graph.add(self, (x,))
