"""Who writes and who reads each value, once reshapes are seen through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dlrun.nn.graph import Graph, Node


@dataclass(frozen=True, slots=True)
class Reader:
    """A node that reads a value as its n-th input; None is the loss."""

    node: Node | None
    index: int = 0


@dataclass(frozen=True, slots=True)
class Wiring:
    """A graph without its reshapes.

    A reshape gives memory another shape, so all values that reshape one another share one *root*:
    the number of the value that was really written.

    Attributes:
        nodes: those that compute something, in the order of execution.
        root: the root of every value, by the value's number.
        readers: who reads each root, by its number, in the order of execution.
        masked: nodes that read each root without a gradient: as the mask of what they read, or to
            make a mask of it.
        needed: roots whose gradient somebody below needs, because something there learns.
        mask: the root of the mask with which the loss reads the output; None where there is none.
    """

    nodes: tuple[Node, ...]
    root: Mapping[int, int]
    readers: Mapping[int, tuple[Reader, ...]]
    masked: Mapping[int, tuple[Node, ...]]
    needed: frozenset[int]
    mask: int | None = None

    def inputs(self, node: Node) -> tuple[int, ...]:
        """Roots of the node's inputs."""
        return tuple(self.root[value.number] for value in node.inputs)

    def learns(self, node: Node) -> bool:
        """Whether the node has a backward."""
        return self.root[node.output.number] in self.needed


def wire(graph: Graph) -> Wiring:
    """Follow the values of a graph."""
    root = {graph.input.number: graph.input.number}
    readers: dict[int, list[Reader]] = {graph.input.number: []}
    masked: dict[int, list[Node]] = {}
    needed: set[int] = set()
    nodes = []
    for node in graph.nodes:
        number = node.output.number
        if node.layer.reshapes:
            root[number] = root[node.inputs[0].number]
            continue
        nodes.append(node)
        root[number] = number
        readers[number] = []
        sources = [root[value.number] for value in node.inputs]
        if node.layer.marks:
            for source in sources:
                masked.setdefault(source, []).append(node)
            continue
        for index, source in enumerate(sources):
            readers[source].append(Reader(node, index))
        if (mask := node.inputs[0].mask) is not None:
            masked.setdefault(root[mask.number], []).append(node)
        if node.trainable or any(source in needed for source in sources):
            needed.add(number)
    readers[root[graph.output.number]].append(Reader(None))
    return Wiring(
        tuple(nodes),
        root,
        {number: tuple(found) for number, found in readers.items()},
        {number: tuple(found) for number, found in masked.items()},
        frozenset(needed),
        None if graph.output.mask is None else root[graph.output.mask.number],
    )
