"""The same layers several times, each time with parameters of their own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dlrun.nn.graph import GraphBuilder, Value
from dlrun.nn.layer import Layer, layer


@layer("repeat")
class Repeat(Layer):
    """``layers`` one after the other, ``times`` times.

    Shape: that of the layers, applied again and again.
    """

    times: Annotated[int, Field(ge=0, le=10_000)]
    """How often; 0 leaves them out."""
    layers: tuple[Layer, ...] = Field(min_length=1)
    """What is repeated."""

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append all copies."""
        for _ in range(self.times):
            before, x = x, graph.sequence(self.layers, x)
            if x is before:  # nothing was appended, or nothing can be: neither will be the next
                break
        return x
