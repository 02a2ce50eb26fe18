"""The network as a list of nodes with known shapes; no array exists yet."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.layer import Layer, Merge, Parameter
from dlrun.nn.masks import Both, Joined, Remask
from dlrun.nn.names import Names
from dlrun.spec.origin import Origin
from dlrun.spec.problems import Problems


@dataclass(frozen=True, slots=True)
class Value:
    """What flows between nodes.

    Attributes:
        number: its place in the graph.
        shape: of a sample.
        mask: which steps along its time axis are valid, a value of shape (time,), 1 or 0; None
            where all are.
        axis: the time axis of a sample, where there is a mask.
        blank: whether padding is known to be 0.
    """

    number: int
    shape: Shape
    mask: Value | None = None
    axis: int = 0
    blank: bool = False


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
        absorbed: numbers of the nodes behind it whose work it does, too.
    """

    number: int
    name: str
    layer: Layer
    inputs: tuple[Value, ...]
    output: Value
    parameters: Mapping[str, Parameter]
    absorbed: tuple[int, ...] = ()

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

    def single(self) -> Graph:
        """The network for a step of training on one sample."""
        nodes = (
            replace(node, layer=node.layer.single(node.inputs[0].shape)) for node in self.nodes
        )
        return replace(self, nodes=tuple(nodes))

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


MOST_LAYERS = 10_000
"""Nodes of a graph; a ``repeat`` in a ``repeat`` soon asks for more than any memory holds."""

_FAULTY = Value(-1, ())
"""What a layer with a fault gives: whatever reads it is left out, so that a fault is one line."""


class GraphBuilder:
    """Grows a graph; every layer's ``add_to`` appends to it.

    Args:
        input_shape: shape of a sample.
        problems: gets every fault.
    """

    def __init__(self, input_shape: Shape, problems: Problems) -> None:
        self.input = Value(0, input_shape)
        self._problems = problems
        self._nodes: list[Node] = []
        self._counts: Counter[str] = Counter()
        self._names: Names[Value] = Names(self.input, problems)
        self._labels: dict[int, str] = {}
        self._masks: dict[Hashable, Value] = {}

    def add(self, layer: Layer, inputs: tuple[Value, ...]) -> Value:
        """Append a node; a layer that cannot take these inputs is a problem."""
        if any(value.number == _FAULTY.number for value in inputs):
            return _FAULTY
        if len(self._nodes) == MOST_LAYERS:
            self._problems.add(
                layer.origin,
                f"the network has more than {MOST_LAYERS:,} layers",
                "lower 'times' where it stands in a repeat",
            )
            return _FAULTY
        shapes = tuple(value.shape for value in inputs)
        parameters: Mapping[str, Parameter] = {}
        try:
            if isinstance(layer, Merge):
                shape = layer.merged_shape(shapes)
                mask, axis = self._merged(layer, inputs, shape)
            else:
                shape, parameters = layer.output_shape(shapes[0]), layer.parameters(shapes[0])
                mask, axis = self._carried(layer, inputs[0])
        except ShapeError as fault:
            self._problems.add(layer.origin, str(fault))
            return _FAULTY
        self._counts[layer.kind] += 1
        output = Value(len(self._nodes) + 1, shape, mask, axis)
        name = f"{layer.kind}_{self._counts[layer.kind]}"
        self._nodes.append(Node(len(self._nodes), name, layer, inputs, output, parameters))
        return output

    def both(self, masks: Iterable[Value], origin: Origin) -> Value:
        """The mask of steps that are valid in all of them."""
        distinct = tuple({mask.number: mask for mask in masks}.values())
        if len(distinct) == 1:
            return distinct[0]
        return self._mask(Both(), distinct, origin)

    def _carried(self, layer: Layer, x: Value) -> tuple[Value | None, int]:
        """The mask after a layer, and its axis."""
        if x.mask is None or layer.marks:
            return None, 0
        steps = layer.steps(x.shape, x.axis)
        if steps.axis is None:
            return None, 0
        spans = steps.spans
        if spans is None:
            return x.mask, steps.axis
        node = Remask(first=spans.first, last=spans.last, needed=spans.needed, reach=spans.reach)
        return self._mask(node, (x.mask,), layer.origin), steps.axis

    def _merged(
        self, layer: Merge, inputs: Sequence[Value], shape: Shape
    ) -> tuple[Value | None, int]:
        """The mask after a merge, and its axis: that of steps that are valid in all inputs."""
        masked = [value for value in inputs if value.mask is not None]
        if not masked or layer.marks:
            return None, 0
        axes = {value.axis + len(shape) - len(value.shape) for value in masked}
        axis = axes.pop()
        along = layer.joined_axis(inputs[0].shape)
        stays = all(value.shape[value.axis] == shape[axis] for value in masked) or along == axis
        if axes or not stays:
            raise ShapeError(
                f"{layer.kind} would mix padding with valid steps: the time axes of what it reads "
                "do not fall on one another"
            )
        masks = [value.mask for value in masked if value.mask is not None]
        if along != axis:
            return self.both(masks, layer.origin), axis
        joined = Joined(
            lengths=tuple(value.shape[axis] for value in inputs),
            masked=tuple(value.mask is not None for value in inputs),
        )
        return self._mask(joined, tuple(masks), layer.origin), axis

    def _mask(self, node: Layer, masks: tuple[Value, ...], origin: Origin) -> Value:
        """The mask that a node makes of others; the same one for all that ask for the same."""
        fields = tuple(getattr(node, name) for name in type(node).model_fields)
        key = (type(node), fields, tuple(mask.number for mask in masks))
        if key not in self._masks:
            node._origin = origin
            self._masks[key] = self.add(node, masks)
        return self._masks[key]

    def sequence(self, layers: Sequence[Layer], x: Value) -> Value:
        """Append layers one after the other; names that they give hold among them only."""
        with self._names.inner():
            for layer in layers:
                x = layer.add_to(self, x)
        return x

    def define(self, name: str, value: Value, place: Origin) -> None:
        """Give a value a name that layers further below can read."""
        self._names.define(name, value, place)
        self._labels[value.number] = name

    def read(self, name: str, previous: Value, place: Origin) -> Value:
        """The value of that name; a name that cannot be read is a problem.

        Args:
            name: of a value, or ``previous``, or ``input``.
            previous: what the layer above gives.
            place: where the spec names it.
        """
        found = self._names.read(name, previous, place)
        return _FAULTY if found is None else found

    def finish(self, output: Value) -> Graph:
        """The graph that ends with ``output``; values that lead nowhere are problems."""
        self._names.finish()
        if not self._problems:
            for node in self._lost(output):
                label = self._labels.get(node.output.number)
                what = "nothing reads what this layer gives"
                self._problems.add(
                    node.layer.origin,
                    f"{what}, node '{label}'" if label else what,
                    "read it further below, or remove it",
                )
        return Graph(tuple(self._nodes), self.input, output)

    def _lost(self, output: Value) -> Iterator[Node]:
        """The last nodes of every way that does not end in ``output``."""
        values = [output, *(value for node in self._nodes for value in node.inputs)]
        read = {value.number for value in values}
        read |= {value.mask.number for value in values if value.mask is not None}
        return (node for node in self._nodes if node.output.number not in read)


def build_graph(
    layers: Sequence[Layer], input_shape: Shape, problems: Problems | None = None
) -> Graph:
    """The graph of a sequence of layers.

    Args:
        layers: from the input to the output.
        input_shape: shape of a sample.
        problems: gets every fault; the graph cannot be used then.

    Raises:
        SpecError: there are faults and no ``problems`` to put them in.
    """
    found = Problems() if problems is None else problems
    builder = GraphBuilder(input_shape, found)
    graph = builder.finish(builder.sequence(layers, builder.input))
    if problems is None:
        found.raise_if_any()
    return graph
