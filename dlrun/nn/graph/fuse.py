"""Fusion: neighbouring layers that can be computed together become one node."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from dlrun.nn.graph.builder import Graph, Node


def fuse(graph: Graph, *, training: bool) -> Graph:
    """Let every layer absorb the next one, if it can and no other layer reads the value between.

    A fused node has the index of its first node and lists those of the others, so the parameters of
    the graph are also those of the fused graph.

    Args:
        graph: the network.
        training: with gradients; without them more can be absorbed.
    """
    readers = Counter(value.number for node in graph.nodes for value in node.inputs)
    readers[graph.output.number] += 1
    nodes: list[Node] = []
    for node in graph.nodes:
        before = nodes[-1] if nodes else None
        if (
            before is not None
            and node.inputs == (before.output,)
            and readers[before.output.number] == 1
            and (layer := before.operation.absorb(node.operation, before.output.shape, training))
            is not None
        ):
            name = f"{before.name}+{node.name}"
            absorbed = (*before.absorbed, node.number)
            nodes[-1] = replace(
                before, name=name, operation=layer, output=node.output, absorbed=absorbed
            )
        else:
            nodes.append(node)
    return Graph(tuple(nodes), graph.input, graph.output)
