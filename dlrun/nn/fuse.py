"""A graph with fewer nodes: layers that can be done in one go are."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from dlrun.nn.graph import Graph, Node


def fuse(graph: Graph, *, training: bool) -> Graph:
    """Let every layer absorb the one behind it, where it can and nobody else reads in between.

    A fused node keeps the number of its first and knows those of the others, so the parameters of
    the graph are also those of the fused one.

    Args:
        graph: the network.
        training: with gradients, or without, where more can be absorbed.
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
            and (layer := before.layer.absorb(node.layer, before.output.shape, training))
            is not None
        ):
            name = f"{before.name}+{node.name}"
            absorbed = (*before.absorbed, node.number)
            nodes[-1] = replace(
                before, name=name, layer=layer, output=node.output, absorbed=absorbed
            )
        else:
            nodes.append(node)
    return Graph(tuple(nodes), graph.input, graph.output)
