"""The network as a list of nodes with known shapes; no array exists yet."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.graph.declarations import Parameter
from dlrun.nn.graph.masks import Both, Joined, Remask
from dlrun.nn.graph.operation import Merge, Operation, Transform
from dlrun.nn.graph.scopes import Names
from dlrun.spec.origin import Origin
from dlrun.spec.problems import Problems


@dataclass(frozen=True, slots=True)
class Value:
    """An input or output of nodes.

    Attributes:
        number: its index in the graph.
        shape: of a sample.
        mask: which steps along its time axis are valid, a value of shape (time,), 1 or 0; None
            if all are.
        axis: the time axis of a sample, if there is a mask.
        blank: whether padding is known to be 0.
    """

    number: int
    shape: Shape
    mask: Value | None = None
    axis: int = 0
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """An operation with its inputs and its output.

    Attributes:
        number: its index in the order of execution.
        name: unique in the graph, such as ``conv_2`` for the second conv.
        operation: what it computes.
        inputs: the values it reads.
        output: the value it writes.
        parameters: those that the operation declares for these inputs.
        absorbed: indexes of the following nodes whose work it does, too.
    """

    number: int
    name: str
    operation: Operation
    inputs: tuple[Value, ...]
    output: Value
    parameters: Mapping[str, Parameter]
    absorbed: tuple[int, ...] = ()

    @property
    def trainable(self) -> bool:
        """Whether any of its parameters is trained."""
        return any(parameter.trainable for parameter in self.parameters.values())


@dataclass(frozen=True, slots=True)
class Graph:
    """A network: nodes in the order of execution, its input and its output."""

    nodes: tuple[Node, ...]
    input: Value
    output: Value

    def single(self) -> Graph:
        """The network for a training step on one sample."""
        nodes = (
            replace(node, operation=node.operation.single(node.inputs[0].shape))
            for node in self.nodes
        )
        return replace(self, nodes=tuple(nodes))

    def parameter_count(self) -> int:
        """Number of trained weights."""
        return sum(
            math.prod(parameter.shape)
            for node in self.nodes
            for parameter in node.parameters.values()
            if parameter.trainable
        )

    def multiply_adds(self) -> int:
        """Multiply-adds of the forward pass of one sample."""
        return sum(node.operation.multiply_adds(node.inputs[0].shape) for node in self.nodes)


MOST_LAYERS = 10_000
"""Largest number of nodes; a ``repeat`` in a ``repeat`` could exceed any memory."""

_INVALID = Value(-1, ())
"""The output of a layer with an error: layers that read it are left out, without more errors."""


class Appends(Protocol):
    """A layer of a model, or several in one, such as a residual connection."""

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append to the graph, after x, and return the value that the next layer reads."""


class GraphBuilder:
    """Builds a graph; every layer's ``add_to`` appends to it.

    Args:
        input_shape: shape of a sample.
        problems: receives all errors.
    """

    def __init__(self, input_shape: Shape, problems: Problems) -> None:
        self.input = Value(0, input_shape)
        self._problems = problems
        self._nodes: list[Node] = []
        self._counts: Counter[str] = Counter()
        self._names: Names[Value] = Names(self.input, problems)
        self._labels: dict[int, str] = {}
        self._masks: dict[Hashable, Value] = {}

    def add(self, layer: Operation, inputs: tuple[Value, ...]) -> Value:
        """Append a node; if the layer cannot use these inputs, add a problem."""
        if any(value.number == _INVALID.number for value in inputs):
            return _INVALID
        if len(self._nodes) == MOST_LAYERS:
            self._problems.add(
                layer.origin,
                f"the network has more than {MOST_LAYERS:,} layers",
                "lower the 'times' of repeat",
            )
            return _INVALID
        shapes = tuple(value.shape for value in inputs)
        parameters: Mapping[str, Parameter] = {}
        try:
            if isinstance(layer, Merge):
                shape = layer.merged_shape(shapes)
                mask, axis = self._merged(layer, inputs, shape)
            else:
                assert isinstance(layer, Transform)
                shape, parameters = layer.output_shape(shapes[0]), layer.parameters(shapes[0])
                mask, axis = self._carried(layer, inputs[0])
        except ShapeError as error:
            self._problems.add(layer.origin, str(error))
            return _INVALID
        self._counts[layer.kind] += 1
        output = Value(len(self._nodes) + 1, shape, mask, axis)
        name = f"{layer.kind}_{self._counts[layer.kind]}"
        self._nodes.append(Node(len(self._nodes), name, layer, inputs, output, parameters))
        return output

    def both(self, masks: Iterable[Value], origin: Origin) -> Value:
        """The mask of steps that are valid in all given masks."""
        distinct = tuple({mask.number: mask for mask in masks}.values())
        if len(distinct) == 1:
            return distinct[0]
        return self._mask(Both(), distinct, origin)

    def _carried(self, layer: Transform, x: Value) -> tuple[Value | None, int]:
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
                f"{layer.kind} would mix padding with valid steps: the time axes of its inputs "
                "do not match"
            )
        masks = [value.mask for value in masked if value.mask is not None]
        if along != axis:
            return self.both(masks, layer.origin), axis
        joined = Joined(
            lengths=tuple(value.shape[axis] for value in inputs),
            masked=tuple(value.mask is not None for value in inputs),
        )
        return self._mask(joined, tuple(masks), layer.origin), axis

    def _mask(self, node: Operation, masks: tuple[Value, ...], origin: Origin) -> Value:
        """The mask that a node computes from others; equal nodes are appended once."""
        fields = tuple(getattr(node, name) for name in type(node).model_fields)
        key = (type(node), fields, tuple(mask.number for mask in masks))
        if key not in self._masks:
            node._origin = origin
            self._masks[key] = self.add(node, masks)
        return self._masks[key]

    def sequence(self, layers: Sequence[Appends], x: Value) -> Value:
        """Append layers one after the other; names defined in the list are valid only in it."""
        with self._names.inner():
            for layer in layers:
                x = layer.add_to(self, x)
        return x

    def define(self, name: str, value: Value, place: Origin) -> None:
        """Name a value, so that layers further below can read it."""
        self._names.define(name, value, place)
        self._labels[value.number] = name

    def read(self, name: str, previous: Value, place: Origin) -> Value:
        """The value of a name; if there is none, add a problem.

        Args:
            name: of a value, or ``previous``, or ``input``.
            previous: the output of the layer above.
            place: the position of the name in the spec.
        """
        value = self._names.read(name, previous, place)
        return _INVALID if value is None else value

    def finish(self, output: Value) -> Graph:
        """The graph that ends with ``output``; unused outputs are problems."""
        self._names.finish()
        if not self._problems:
            for node in self._lost(output):
                label = self._labels.get(node.output.number)
                what = "the output of this layer is not used"
                self._problems.add(
                    node.operation.origin,
                    f"{what}, node '{label}'" if label else what,
                    "use it further below, or remove the layer",
                )
        return Graph(tuple(self._nodes), self.input, output)

    def _lost(self, output: Value) -> Iterator[Node]:
        """The last nodes of every path that does not end in ``output``."""
        values = [output, *(value for node in self._nodes for value in node.inputs)]
        read = {value.number for value in values}
        read |= {value.mask.number for value in values if value.mask is not None}
        return (node for node in self._nodes if node.output.number not in read)


def build_graph(
    layers: Sequence[Appends], input_shape: Shape, problems: Problems | None = None
) -> Graph:
    """The graph of a sequence of layers.

    Args:
        layers: from the input to the output.
        input_shape: shape of a sample.
        problems: receives all errors; if there are any, the graph must not be used.

    Raises:
        SpecError: there are errors, and ``problems`` is None.
    """
    errors = Problems() if problems is None else problems
    builder = GraphBuilder(input_shape, errors)
    graph = builder.finish(builder.sequence(layers, builder.input))
    if problems is None:
        errors.raise_if_any()
    return graph
