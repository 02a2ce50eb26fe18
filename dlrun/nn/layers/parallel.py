"""Parallel branches."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dlrun.nn.graph.builder import GraphBuilder, Value
from dlrun.nn.layers.base import AnyLayer, Merge, layer
from dlrun.nn.layers.merge import Add, Concatenate, Multiply


@layer("parallel")
class Parallel(AnyLayer):
    """Parallel branches that read the same value; their outputs are merged.

    As in the inception modules of Szegedy et al., "Going deeper with convolutions", CVPR 2015.

    Shape: that of ``concatenate``, ``add`` or ``multiply`` of the branch outputs.
    """

    branches: Annotated[tuple[tuple[AnyLayer, ...], ...], Field(min_length=2)]
    """Lists of layers; an empty list passes its input on unchanged."""
    merge: Literal["concatenate", "add", "multiply"] = "concatenate"
    """How the outputs are merged."""
    axis: int = -1
    """Axis of a sample along which outputs are concatenated; the last one is the channels."""

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
            merge: Merge = Concatenate(inputs=names, axis=self.axis)
        else:
            merge = {"add": Add, "multiply": Multiply}[self.merge](inputs=names)
        merge._origin = self.origin
        return graph.add(merge, ends)
