"""The mask of a network's output, computed without the network's weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dlrun.arrays import Array
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import Graph
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.losses.base import Loss


def output_mask(graph: Graph, loss: Loss) -> Callable[[Array], Array] | None:
    """A function from samples, (n, *sample), to the mask of the output, (n, time), 1 or 0.

    None if the output has no mask, or if the mask depends on weights, because a ``masking`` follows
    a trainable layer.

    Args:
        graph: the network.
        loss: the loss to train with.
    """
    mask = graph.output.mask
    if mask is None:
        return None
    needed, nodes = {mask.number}, []
    for node in reversed(graph.nodes):
        if node.output.number in needed:
            nodes.append(node)
            needed.update(value.number for value in node.inputs)
            needed.update(value.mask.number for value in node.inputs if value.mask is not None)
    if any(node.parameters for node in nodes):
        return None
    own = Graph(tuple(reversed(nodes)), graph.input, replace(mask, mask=None))
    return Network(own, loss, kernels=numpy_kernels(), threads=1).outputs
