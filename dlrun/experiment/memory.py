"""Whether a network fits into the memory of this machine, before it is allocated."""

from __future__ import annotations

import math

from dlrun.data.files.memory import memory
from dlrun.errors import SpecError
from dlrun.nn.engine.parameter_offsets import size_of
from dlrun.nn.graph.builder import Graph, Node


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
    """A line if the weights and the largest value of a network do not fit into memory.

    The system would allocate more than it has and kill the process when that is used.  The estimate
    is less than training needs, so every network that can be trained is accepted.

    Args:
        graph: the network.
        samples: in a batch.

    Returns:
        An error with the largest layer, the memory needed and the memory present; None if it fits.
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
    available = f"this machine has {memory() / 2**30:,.3g} GiB"
    return (
        f"{node.operation.origin}: the network needs at least {needed / 2**30:,.3g} GiB of memory, "
        f"most of it for {node.name}, but {available}; make it smaller, or lower data.batch_size"
    )
