"""Whether a network fits into the memory of this machine, before any of it is taken."""

from __future__ import annotations

import math

from dlrun.data.input_file import memory
from dlrun.errors import SpecError
from dlrun.nn.arena import size_of
from dlrun.nn.graph import Graph, Node


def need_room(graph: Graph, samples: int) -> None:
    """Check that the weights and the largest value of a network can be had at all.

    The system would hand out more than it has and end the process when that is used.  What is
    counted is less than training takes, so nothing is refused that could be trained.

    Args:
        graph: the network.
        samples: in a batch.

    Raises:
        SpecError: they are more than all memory; the place is that of the largest layer.
    """

    def weights(node: Node) -> int:
        return sum(math.prod(parameter.shape) for parameter in node.parameters.values())

    def largest(node: Node) -> int:
        return max(weights(node), samples * math.prod(node.output.shape))

    values, gradients = size_of(graph)
    widest = max((math.prod(node.output.shape) for node in graph.nodes), default=0)
    needed = 4 * (values + gradients + samples * widest)
    if needed > memory():
        node = max(graph.nodes, key=largest)
        raise SpecError(
            [
                f"{node.layer.origin}: the network takes at least {needed / 2**30:,.3g} GiB of "
                f"memory, most of it {node.name}, and {memory() / 2**30:,.3g} GiB are here; make "
                "it smaller, or lower data.batch_size"
            ]
        )
