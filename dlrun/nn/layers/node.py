"""Names for values, and a layer that continues from a named value."""

from __future__ import annotations

from typing import ClassVar

from dlrun.nn.graph.builder import GraphBuilder, Value
from dlrun.nn.layers.base import AnyLayer, layer
from dlrun.spec.fields import Name


@layer("node")
class Label(AnyLayer):
    """Names the output of the layer above, so that layers further below can use it.

    The name is valid to the end of the list of layers that contains it, including lists inside.
    Layers that read names are ``from``, ``concatenate``, ``add`` and ``multiply``.

    Shape: unchanged.
    """

    examples: ClassVar = ({"name": "here"},)

    name: Name
    """Name of the output, of at most 100 letters, digits, ``.``, ``_`` and ``-``; ``input`` and
    ``previous`` are reserved."""

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Define or read the name; nothing is appended."""
        graph.define(self.name, x, self.place_of("name"))
        return x


@layer("from")
class From(AnyLayer):
    """Continues from a named value instead of the layer above.

    Shape: that of the named value.
    """

    examples: ClassVar = ({"node": "input"},)

    node: Name
    """Name of a ``node`` further above, or ``input``."""

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Define or read the name; nothing is appended."""
        return graph.read(self.node, x, self.place_of("node"))
