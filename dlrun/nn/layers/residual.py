"""The residual connection."""

from __future__ import annotations

from pydantic import Field

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.graph.builder import GraphBuilder, Value
from dlrun.nn.layers.base import AnyLayer, layer
from dlrun.nn.layers.merge import Add


@layer("residual")
class Residual(AnyLayer):
    """y = f(x) + x, where f is ``layers`` (He et al., "Deep residual learning", CVPR 2016).

    Shape: that of the layers, which must be that of x or of ``shortcut``.
    """

    layers: tuple[AnyLayer, ...] = Field(min_length=1)
    """The residual branch f."""
    shortcut: tuple[AnyLayer, ...] = ()
    """Layers of the shortcut, if shapes differ, e.g. a conv with a kernel of 1."""

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append both branches and their sum."""
        branch, around = graph.sequence(self.layers, x), graph.sequence(self.shortcut, x)
        add = _Sum(inputs=("layers", "shortcut"))
        add._origin = self.origin
        return graph.add(add, (branch, around))


class _Sum(Add):
    """The end of a residual connection; both branches have the same shape."""

    def merged_shape(self, xs: tuple[Shape, ...]) -> Shape:
        """The shape of both."""
        branch, around = xs
        if branch != around:
            raise ShapeError(
                f"residual adds {branch} from its layers to {around}; "
                "make the shapes equal or add 'shortcut' layers"
            )
        return branch
