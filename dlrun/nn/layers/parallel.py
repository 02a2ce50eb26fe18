"""Branches side by side."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dlrun.nn.graph import GraphBuilder, Value
from dlrun.nn.layer import Layer, layer
from dlrun.nn.layers.merge import Add, Concatenate, Multiply


@layer("parallel")
class Parallel(Layer):
    """Lists of layers that all read the same value, and whose results are merged.

    As in the inception modules of Szegedy et al., "Going deeper with convolutions", CVPR 2015.

    Shape: that of ``concatenate``, ``add`` or ``multiply`` of the shapes behind the branches.
    """

    branches: Annotated[tuple[tuple[Layer, ...], ...], Field(min_length=2)]
    """The lists; an empty one hands on what it reads."""
    merge: Literal["concatenate", "add", "multiply"] = "concatenate"
    """What becomes of the results."""
    axis: int = -1
    """Along which they are concatenated, counted in a sample; the last one holds the channels."""

    @model_validator(mode="after")
    def _check(self) -> Parallel:
        if self.merge != "concatenate" and self.axis != -1:
            raise ValueError(f"'axis' is for 'concatenate'; remove it, or do not {self.merge}")
        return self

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append all branches and the merge."""
        ends = tuple(graph.sequence(branch, x) for branch in self.branches)
        names = tuple(f"branches.{number}" for number in range(len(ends)))
        if self.merge == "concatenate":
            merge: Layer = Concatenate(inputs=names, axis=self.axis)
        else:
            merge = {"add": Add, "multiply": Multiply}[self.merge](inputs=names)
        merge._origin = self.origin
        return graph.add(merge, ends)
