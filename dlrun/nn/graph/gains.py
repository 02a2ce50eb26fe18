"""The gain that weights need because of the layers after them, for initializers."""

from __future__ import annotations

from collections.abc import Mapping

from dlrun.nn.graph.builder import Graph, Node


def gains(graph: Graph) -> Mapping[int, float]:
    """The gain of each node's weights, by the node's index.

    It is that of the layer that reads the node's output, or of the next one if that layer hardly
    changes the signal.  It is 1 at the end of the network and if several layers read the output.
    Nodes that compute a mask are not counted: the signal does not pass through them.
    """
    readers: dict[int, list[Node]] = {}
    for node in graph.nodes:
        if not node.operation.marks:
            for value in node.inputs:
                readers.setdefault(value.number, []).append(node)
    gain: dict[int, float] = {}
    for node in reversed(graph.nodes):
        following = readers.get(node.output.number, [])
        if len(following) != 1 or node.output.number == graph.output.number:
            gain[node.number] = 1.0
            continue
        own = following[0].operation.needed_gain()
        gain[node.number] = gain[following[0].number] if own is None else own
    return gain
