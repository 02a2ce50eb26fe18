"""Whether a network can learn what it is to: its last layer, and the size of its batches."""

from __future__ import annotations

import math
from collections.abc import Iterator

from dlrun.data.batches import Batches
from dlrun.errors import ShapeError
from dlrun.nn.graph import Graph, Node
from dlrun.nn.loss import Loss
from dlrun.nn.target import Target
from dlrun.spec.problems import Problems


def check_last_layer(loss: Loss, graph: Graph, target: Target, problems: Problems) -> Iterator[str]:
    """Whether the layer that bounds the outputs, if one does, leaves the loss what it needs.

    Args:
        loss: of the experiment.
        graph: the network, whose shapes fit.
        target: of the training set.
        problems: gets the fault.

    Returns:
        What the user should know all the same, a line each.
    """
    node = _last(graph)
    bounds = None if node is None else node.layer.bounds()
    if node is None or bounds is None or bounds == (-math.inf, math.inf):
        return
    low, high = bounds
    between = f"at {low:g} or above" if math.isinf(high) else f"between {low:g} and {high:g}"
    what = f"'{node.layer.kind}' as the last layer keeps outputs {between}, but"
    try:
        note = loss.check_bounds(low, high, target)
    except ShapeError as fault:
        advice = "add a dense layer after it" if node.parameters else "remove it"
        problems.add(node.layer.origin, f"{what} {fault}", advice)
    else:
        if note is not None:
            yield f"{node.layer.origin}: {what} {note}"


def _last(graph: Graph) -> Node | None:
    """The last layer that decides what size outputs have; None where the input alone does."""
    writers = {node.output.number: node for node in graph.nodes}
    node = writers.get(graph.output.number)
    while node is not None and node.layer.bounds() is None:
        node = writers.get(node.inputs[0].number)
    return node


def check_batches(graph: Graph, batches: Batches, problems: Problems) -> Iterator[str]:
    """Whether batches have enough samples for layers that learn from several at a time.

    Args:
        graph: the network.
        batches: of the training set.
        problems: gets batches of one sample, with the layer that needs more.

    Returns:
        What the user should know of a last batch that is smaller, a line each.
    """
    for node in graph.nodes:
        layer = node.layer
        if layer.single(node.inputs[0].shape) == layer:
            continue
        if batches.full_size == 1:
            what = f"{layer.kind} needs more than one value a channel, and a batch is one sample"
            problems.add(layer.origin, what, "raise data.batch_size, or use layer_norm")
        elif batches.last_size == 1:
            yield (
                f"{layer.origin}: the last batch of an epoch is one sample, for which {layer.kind} "
                "uses its running averages and leaves them alone"
            )
            return
