"""A graph with fewer nodes: layers that can be done in one go are."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from dlrun.nn.graph import Graph, Node


def fuse(graph: Graph) -> Graph:
    """Let every layer absorb the one behind it, where it can and nobody else reads in between.

    A fused node keeps the number and the parameters of its first layer, so the parameters of the
    graph are also those of the fused one.
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
            and (layer := before.layer.absorb(node.layer, before.output.shape)) is not None
        ):
            name = f"{before.name}+{node.name}"
            nodes[-1] = replace(before, name=name, layer=layer, output=node.output)
        else:
            nodes.append(node)
    return Graph(tuple(nodes), graph.input, graph.output)
