"""The residual connection."""

from __future__ import annotations

from pydantic import Field

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.graph import GraphBuilder, Value
from dlrun.nn.layer import Layer, layer
from dlrun.nn.layers.merge import Add


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
        branch, around = graph.sequence(self.layers, x), graph.sequence(self.shortcut, x)
        add = _Sum(inputs=("layers", "shortcut"))
        add._origin = self.origin
        return graph.add(add, (branch, around))


class _Sum(Add):
    """Where a residual ends; both ways have one shape."""

    def merged_shape(self, xs: tuple[Shape, ...]) -> Shape:
        """That of both."""
        branch, around = xs
        if branch != around:
            raise ShapeError(
                f"residual adds {branch} from its layers to {around}; "
                "make them equal or give 'shortcut' layers"
            )
        return branch
