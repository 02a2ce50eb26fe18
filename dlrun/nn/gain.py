"""What stands behind the weights of a network, for initializers that ask."""

from __future__ import annotations

from collections.abc import Mapping

from dlrun.nn.graph import Graph, Node


def gains(graph: Graph) -> Mapping[int, float]:
    """The gain that each node's weights need, by the node's number.

    It is that of the layer that reads the node's output, of the one behind it where that one
    leaves the signal as it is, and 1 at the end of the network and where several layers read it.
    A node that works out a mask is not counted: the signal does not go through it.
    """
    readers: dict[int, list[Node]] = {}
    for node in graph.nodes:
        if not node.layer.marks:
            for value in node.inputs:
                readers.setdefault(value.number, []).append(node)
    found: dict[int, float] = {}
    for node in reversed(graph.nodes):
        behind = readers.get(node.output.number, [])
        if len(behind) != 1 or node.output.number == graph.output.number:
            found[node.number] = 1.0
            continue
        own = behind[0].layer.needed_gain()
        found[node.number] = found[behind[0].number] if own is None else own
    return found
