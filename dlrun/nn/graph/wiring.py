"""Which nodes write and read each value; a reshape counts as the value that it reshapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dlrun.nn.graph.builder import Graph, Node


@dataclass(frozen=True, slots=True)
class Reader:
    """A node that reads a value, and the index of the value among its inputs; None is the loss."""

    node: Node | None
    index: int = 0


@dataclass(frozen=True, slots=True)
class Wiring:
    """A graph without its reshapes.

    A reshape does not move data, so a value and all reshapes of it have the same *root*: the number
    of the value that a node writes.

    Attributes:
        nodes: all except reshapes, in the order of execution.
        root: the root of every value, by the value's number.
        readers: the readers of each root, by its number, in the order of execution.
        masked: nodes that read each root without a gradient: as the mask of an input, or to compute
            a mask from it.
        needed: roots whose gradient is needed, because a layer at or below them is trained.
        mask: the root of the mask of the network's output; None if it has none.
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
        """Whether the node has a backward pass."""
        return self.root[node.output.number] in self.needed


def wire(graph: Graph) -> Wiring:
    """The wiring of a graph."""
    root = {graph.input.number: graph.input.number}
    readers: dict[int, list[Reader]] = {graph.input.number: []}
    masked: dict[int, list[Node]] = {}
    needed: set[int] = set()
    nodes = []
    for node in graph.nodes:
        number = node.output.number
        if node.operation.reshapes:
            root[number] = root[node.inputs[0].number]
            continue
        nodes.append(node)
        root[number] = number
        readers[number] = []
        sources = [root[value.number] for value in node.inputs]
        if node.operation.marks:
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
        {number: tuple(each) for number, each in readers.items()},
        {number: tuple(each) for number, each in masked.items()},
        frozenset(needed),
        None if graph.output.mask is None else root[graph.output.mask.number],
    )
