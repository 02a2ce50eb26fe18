"""The network as a list of nodes with known shapes; no array exists yet."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dlrun.arrays import Shape
from dlrun.errors import ShapeError, SpecError
from dlrun.nn.layer import Layer, Merge, Parameter


@dataclass(frozen=True, slots=True)
class Value:
    """What flows between nodes.

    Attributes:
        number: its place in the graph.
        shape: of a sample.
        mask: which steps along its first axis are valid, a value of shape (time,), 1 or 0; None
            where all are.
    """

    number: int
    shape: Shape
    mask: Value | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A layer at its place.

    Attributes:
        number: its place in the order of execution.
        name: unique in the graph, as ``conv_2``: the second conv.
        layer: what it does.
        inputs: the values it reads.
        output: the value it writes.
        parameters: what the layer declared for these inputs.
    """

    number: int
    name: str
    layer: Layer
    inputs: tuple[Value, ...]
    output: Value
    parameters: Mapping[str, Parameter]

    @property
    def trainable(self) -> bool:
        """Whether anything in it learns."""
        return any(parameter.trainable for parameter in self.parameters.values())


@dataclass(frozen=True, slots=True)
class Graph:
    """A network: nodes in the order of execution, the first value and the last."""

    nodes: tuple[Node, ...]
    input: Value
    output: Value

    def parameter_count(self) -> int:
        """Numbers that training changes."""
        return sum(
            math.prod(parameter.shape)
            for node in self.nodes
            for parameter in node.parameters.values()
            if parameter.trainable
        )

    def multiply_adds(self) -> int:
        """Multiplications with additions of a sample's forward pass."""
        return sum(node.layer.multiply_adds(node.inputs[0].shape) for node in self.nodes)


class GraphBuilder:
    """Grows a graph; every layer's ``add_to`` appends to it."""

    def __init__(self, input_shape: Shape) -> None:
        self.input = Value(0, input_shape)
        self._nodes: list[Node] = []
        self._names: Counter[str] = Counter()

    def add(self, layer: Layer, inputs: tuple[Value, ...]) -> Value:
        """Append a node.

        Raises:
            SpecError: the layer cannot take these inputs; the message has the layer's place.
        """
        shapes = tuple(value.shape for value in inputs)
        parameters: Mapping[str, Parameter] = {}
        try:
            if isinstance(layer, Merge):
                shape = layer.merged_shape(shapes)
            else:
                shape, parameters = layer.output_shape(shapes[0]), layer.parameters(shapes[0])
        except ShapeError as fault:
            raise SpecError([f"{layer.origin}: {fault}"]) from fault
        self._names[layer.kind] += 1
        output = Value(len(self._nodes) + 1, shape, _mask(layer, inputs))
        name = f"{layer.kind}_{self._names[layer.kind]}"
        self._nodes.append(Node(len(self._nodes), name, layer, inputs, output, parameters))
        return output

    def finish(self, output: Value) -> Graph:
        """The graph that ends with ``output``."""
        return Graph(tuple(self._nodes), self.input, output)


def _mask(layer: Layer, inputs: tuple[Value, ...]) -> Value | None:
    """The mask that goes on behind a layer: that of its first input that has one."""
    first = next((value for value in inputs if value.mask is not None), None)
    if first is None or not (isinstance(layer, Merge) or layer.keeps_time(first.shape)):
        return None
    return first.mask


def build_graph(layers: Sequence[Layer], input_shape: Shape) -> Graph:
    """The graph of a sequence of layers.

    Args:
        layers: from the input to the output.
        input_shape: shape of a sample.

    Raises:
        SpecError: a layer cannot take what comes before it.
    """
    builder = GraphBuilder(input_shape)
    value = builder.input
    for layer in layers:
        value = layer.add_to(builder, value)
    return builder.finish(value)
