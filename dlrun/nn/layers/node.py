"""Names for values, and layers that go on from a named one."""

from __future__ import annotations

from dlrun.nn.graph import GraphBuilder, Value
from dlrun.nn.layer import Layer, layer
from dlrun.spec.fields import Name


@layer("node")
class Label(Layer):
    """A name for what the layer above gives, so that layers further below can read it.

    It holds to the end of the list of layers that it stands in, lists inside included.  Layers
    that read names are ``from``, ``concatenate``, ``add`` and ``multiply``.

    Shape: unchanged.
    """

    name: Name
    """Of the value; ``input`` and ``previous`` are taken."""

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Nothing is appended."""
        graph.define(self.name, x, self.place_of("name"))
        return x


@layer("from")
class From(Layer):
    """Goes on from a named value instead of from the layer above.

    Shape: that of the named value.
    """

    node: Name
    """The name of a ``node`` further above, or ``input``."""

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Nothing is appended."""
        return graph.read(self.node, x, self.place_of("node"))
