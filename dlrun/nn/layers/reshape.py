"""The same numbers in another shape."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.graph.builder import GraphBuilder, Value
from dlrun.nn.graph.padding import blank
from dlrun.nn.layers.base import Layer, layer
from dlrun.nn.steps import Steps, repeated, stacked


@layer("reshape")
class Reshape(Layer):
    """Changes the shape of a sample; the last axis varies fastest in both shapes.

    For a sequence with padding, the first axis may contain the same steps, several parts of each
    step, or several steps together, in which padding becomes 0.  With a single axis it is a
    ``flatten``.

    Shape: (batch, ...) -> (batch, *shape).
    """

    reshapes: ClassVar = True
    padding_advice: ClassVar = "keep the steps along the first axis, or use flatten"
    examples: ClassVar = ({"shape": (-1,)},)

    shape: Annotated[tuple[int, ...], Field(min_length=1)]
    """Shape of a sample; one length may be -1 and is then computed."""

    @field_validator("shape")
    @classmethod
    def _check(cls, shape: Shape) -> Shape:
        if any(length < 1 and length != -1 for length in shape) or shape.count(-1) > 1:
            raise ValueError("must contain lengths above 0 and at most one -1")
        return shape

    def output_shape(self, x: Shape) -> Shape:
        """The shape, with the length in place of -1."""
        total, known = math.prod(x), math.prod(length for length in self.shape if length != -1)
        if total % known or (-1 not in self.shape and total != known):
            raise ShapeError(
                f"reshape cannot make {self.shape} of {x}: the number of elements must stay {total}"
            )
        return tuple(total // known if length == -1 else length for length in self.shape)

    def steps(self, x: Shape, axis: int) -> Steps:
        """They stay, are divided, are joined, or end."""
        y, rest = self.output_shape(x), math.prod(x) // x[0]
        if axis == 0 and y[0] == x[0]:
            return Steps()
        if len(y) == 1 and (axis == 0 or y[0] == x[axis]):
            return Steps(0 if y[0] == x[axis] else None)
        if axis == 0 and y[0] % x[0] == 0 and rest % (y[0] // x[0]) == 0:
            return Steps(spans=repeated(x[0], y[0] // x[0]))
        if axis == 0 and x[0] % y[0] == 0:
            return Steps(spans=stacked(x[0], x[0] // y[0]))
        return super().steps(x, axis)

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append the layer; padding that is joined with valid steps becomes 0."""
        try:
            y = self.output_shape(x.shape)
        except ShapeError:
            y = x.shape
        if y[:1] != x.shape[:1]:
            x = blank(graph, x, self)
        return graph.add(self, (x,))
