"""Repetition of layers, each copy with separate parameters."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dlrun.nn.graph.builder import GraphBuilder, Value
from dlrun.nn.layers.base import AnyLayer, layer


@layer("repeat")
class Repeat(AnyLayer):
    """Repeats ``layers`` ``times`` times, each copy with separate parameters.

    Shape: that of the layers, applied repeatedly.
    """

    times: Annotated[int, Field(ge=0, le=10_000)]
    """Number of copies; 0 leaves the layers out."""
    layers: tuple[AnyLayer, ...] = Field(min_length=1)
    """The layers to repeat."""

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append all copies."""
        for _ in range(self.times):
            before, x = x, graph.sequence(self.layers, x)
            if x is before:  # nothing was appended, or there is an error: the next are alike
                break
        return x
