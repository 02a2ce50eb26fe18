"""Which steps of a network's output are valid, before there is a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dlrun.arrays import Array
from dlrun.nn.graph import Graph
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.loss import Loss
from dlrun.nn.network import Network


def output_mask(graph: Graph, loss: Loss) -> Callable[[Array], Array] | None:
    """A function from samples, (n, *sample), to the mask of the output, (n, time), 1 or 0.

    None where the output has no mask, and where it depends on weights, which do not exist yet: a
    ``masking`` stands after a layer that learns.

    Args:
        graph: the network.
        loss: what it is trained for.
    """
    mask = graph.output.mask
    if mask is None:
        return None
    wanted, nodes = {mask.number}, []
    for node in reversed(graph.nodes):
        if node.output.number in wanted:
            nodes.append(node)
            wanted.update(value.number for value in node.inputs)
            wanted.update(value.mask.number for value in node.inputs if value.mask is not None)
    if any(node.parameters for node in nodes):
        return None
    own = Graph(tuple(reversed(nodes)), graph.input, replace(mask, mask=None))
    return Network(own, loss, kernels=numpy_kernels(), threads=1).outputs
