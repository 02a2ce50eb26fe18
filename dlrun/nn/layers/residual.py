"""The residual connection."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.graph import GraphBuilder, Value
from dlrun.nn.layer import Bound, Layer, Merge, Tensor, layer


@layer("residual")
class Residual(Layer):
    """y = f(x) + x, f being ``layers`` (He et al., "Deep residual learning", CVPR 2016).

    Shape: that of the layers, which must be that of x or of ``shortcut``.
    """

    layers: tuple[Layer, ...] = Field(min_length=1)
    """The branch that learns the difference."""
    shortcut: tuple[Layer, ...] = ()
    """Layers on the way around it, where shapes differ, as a conv with a kernel of 1."""

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append both ways and their sum."""
        branch, around = x, x
        for each in self.layers:
            branch = each.add_to(graph, branch)
        for each in self.shortcut:
            around = each.add_to(graph, around)
        add = Add()
        add._origin = self.origin
        return graph.add(add, (branch, around))


class Add(Merge):
    """The sum of two values, where a residual ends; not written in a spec."""

    kind: ClassVar = "add"

    def merged_shape(self, xs: tuple[Shape, ...]) -> Shape:
        """That of both."""
        branch, around = xs
        if branch != around:
            raise ShapeError(
                f"residual adds {branch} from its layers to {around}; "
                "make them equal or give 'shortcut' layers"
            )
        return branch

    def bind_merge(self, xs: tuple[Tensor, ...], y: Tensor) -> Bound:
        """Close over the arrays."""
        a, b = xs

        def forward() -> None:
            np.add(a.value, b.value, out=y.value)

        dy, grads = y.grad, [x.grad for x in xs if x.grad is not None]
        if dy is None:
            return Bound(forward)

        def backward() -> None:
            for dx in grads:
                np.copyto(dx, dy)

        return Bound(forward, backward)
