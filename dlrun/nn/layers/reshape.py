"""The same numbers in another shape."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.graph import GraphBuilder, Value
from dlrun.nn.layer import Layer, layer
from dlrun.nn.masks import blank
from dlrun.nn.steps import Steps, repeated, stacked


@layer("reshape")
class Reshape(Layer):
    """The same numbers in another shape, the last axis running fastest in both.

    Of a sequence with padding, the first axis may hold the same steps, several parts of each, or
    several steps together, of which padding becomes 0.  A single axis is a ``flatten``.

    Shape: (batch, ...) -> (batch, *shape).
    """

    reshapes: ClassVar = True
    padding_advice: ClassVar = "keep the steps along the first axis, or use flatten"
    examples: ClassVar = ({"shape": (-1,)},)

    shape: Annotated[tuple[int, ...], Field(min_length=1)]
    """Of a sample; one length may be -1, which is worked out."""

    @field_validator("shape")
    @classmethod
    def _check(cls, shape: Shape) -> Shape:
        if any(length < 1 and length != -1 for length in shape) or shape.count(-1) > 1:
            raise ValueError("must hold lengths above 0 and at most one -1")
        return shape

    def output_shape(self, x: Shape) -> Shape:
        """The shape, with the length that was left open."""
        total, known = math.prod(x), math.prod(length for length in self.shape if length != -1)
        if total % known or (-1 not in self.shape and total != known):
            raise ShapeError(
                f"reshape cannot make {self.shape} of {x}, which holds {total} numbers"
            )
        return tuple(total // known if length == -1 else length for length in self.shape)

    def steps(self, x: Shape, axis: int) -> Steps:
        """They stay, are cut, are put together, or end."""
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
        """Append it; padding that comes together with valid steps is 0."""
        try:
            y = self.output_shape(x.shape)
        except ShapeError:
            y = x.shape
        if y[:1] != x.shape[:1]:
            x = blank(graph, x, self)
        return graph.add(self, (x,))
