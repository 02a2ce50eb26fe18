"""Whether a network fits into the memory of this machine, before any of it is taken."""

from __future__ import annotations

import math

from dlrun.data.input_file import memory
from dlrun.errors import SpecError
from dlrun.nn.arena import size_of
from dlrun.nn.graph import Graph, Node


def need_room(graph: Graph, samples: int) -> None:
    """Check that a network fits into the memory of this machine.

    Args:
        graph: the network.
        samples: in a batch.

    Raises:
        SpecError: it does not; see ``shortage``.
    """
    if line := shortage(graph, samples):
        raise SpecError([line])


def shortage(graph: Graph, samples: int) -> str | None:
    """A line where the weights and the largest value of a network cannot be had at all.

    The system would hand out more than it has and end the process when that is used.  What is
    counted is less than training takes, so nothing is refused that could be trained.

    Args:
        graph: the network.
        samples: in a batch.

    Returns:
        The place of the largest layer, what is needed and what there is; None where it fits.
    """

    def weights(node: Node) -> int:
        return sum(math.prod(parameter.shape) for parameter in node.parameters.values())

    def largest(node: Node) -> int:
        return max(weights(node), samples * math.prod(node.output.shape))

    values, gradients = size_of(graph)
    widest = max((math.prod(node.output.shape) for node in graph.nodes), default=0)
    needed = 4 * (values + gradients + samples * widest)
    if needed <= memory():
        return None
    node = max(graph.nodes, key=largest)
    here = f"{memory() / 2**30:,.3g} GiB are here"
    return (
        f"{node.layer.origin}: the network takes at least {needed / 2**30:,.3g} GiB of memory, "
        f"most of it {node.name}, and {here}; make it smaller, or lower data.batch_size"
    )
