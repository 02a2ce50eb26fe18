"""All parameters of a network in one flat array, and their gradients in another.

Order: weights that decay, then the other trainable ones, those of each group of the spec together,
then running statistics and what is frozen.  So an optimizer sees a few long blocks whatever the
number of layers, and a copy of all weights is one copy.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.gain import gains
from dlrun.nn.graph import Graph, Node
from dlrun.nn.initializer import Initializer
from dlrun.nn.layer import Parameter, Tensor
from dlrun.nn.state import State, put
from dlrun.rng import Stream, generator

_ALIGNMENT = 64
"""Bytes of a cache line, and of the widest vector register; arrays start at a multiple."""

_STEP = _ALIGNMENT // 4
"""Every parameter starts at a multiple of so many numbers, on a cache line in float32."""


@dataclass(frozen=True, slots=True)
class Block:
    """A run of weights that an optimizer treats alike: from ``start`` up to ``stop``.

    Attributes:
        like: how; where the block is one parameter, that parameter.
        hidden: whether none of them belongs to a table, or to a layer from which the output comes
            without another matrix.
    """

    start: int
    stop: int
    like: Parameter
    hidden: bool


class Parameters:
    """A graph's parameters as named views of flat arrays.

    Attributes:
        values: all values.
        grads: gradients of the trainable ones, which come first; same offsets.
        blocks: the trainable part, cut where an optimizer's rates change.
        single: the trainable part, a block a parameter.
    """

    def __init__(self, graph: Graph, dtype: str = "float32") -> None:
        self._graph = graph
        self._nodes = graph.nodes
        self._offsets, values, grads = _lay_out(graph)
        self.values: Array = aligned_zeros(values, dtype)
        self.grads: Array = aligned_zeros(grads, dtype)
        self.single = single(graph)
        self.blocks = tuple(_merged(self.single, grads))
        self._tensors: dict[int, dict[str, Tensor]] = {node.number: {} for node in graph.nodes}
        for node, name, parameter in _declared(graph):
            start = self._offsets[node.number, name]
            stop = start + math.prod(parameter.shape)
            value = self.values[start:stop].reshape(parameter.shape)
            grad = self.grads[start:stop].reshape(parameter.shape) if parameter.trainable else None
            self._tensors[node.number][name] = Tensor(value, grad)

    def of(self, node: Node) -> Mapping[str, Tensor]:
        """The parameters of a node, by name; also those of nodes that it has absorbed."""
        numbers = (node.number, *node.absorbed)
        return {name: each for number in numbers for name, each in self._tensors[number].items()}

    def named(self, values: Array | None = None) -> dict[str, Array]:
        """Every parameter as a view, by name, as ``conv_1.kernel``.

        Args:
            values: a copy of ``values`` to take views of; None is ``values`` itself.
        """
        flat = self.values if values is None else values
        return {
            f"{node.name}.{name}": flat[start : start + tensor.value.size].reshape(
                tensor.value.shape
            )
            for node in self._nodes
            for name, tensor in self._tensors[node.number].items()
            for start in (self._offsets[node.number, name],)
        }

    def state(self) -> State:
        """Every parameter, by the names of ``named``."""
        return self.named()

    def restore(self, state: State) -> None:
        """Give every parameter such a value, and 0 to what lies between them, as at the start."""
        named = self.named()
        if state.keys() != named.keys():
            differ = ", ".join(sorted(state.keys() ^ named.keys()))
            raise KeyError(f"it has other parameters: {differ}")
        self.values[...] = 0.0
        for name, value in named.items():
            put(value, state[name])

    def initialize(self, seed: int, default: Initializer) -> None:
        """Fill every parameter anew.

        The n-th parameter of the network draws from the n-th stream, so what is put between
        layers without parameters changes none of them.

        Args:
            seed: the run's seed.
            default: for parameters that name no initializer of their own.
        """
        number = 0
        gain = gains(self._graph)
        for node in self._nodes:
            for name, parameter in node.parameters.items():
                rule = (parameter.initializer or default).before(gain[node.number])
                random = generator(seed, Stream.INIT, number)
                self._tensors[node.number][name].value[...] = rule.fill(
                    random, parameter.shape, parameter.fan_in, parameter.fan_out, parameter.blocks
                )
                number += 1


def size_of(graph: Graph) -> tuple[int, int]:
    """Numbers in the arrays of a graph's values and of its gradients, before there are any."""
    _, values, grads = _lay_out(graph)
    return values, grads


_Offsets = dict[tuple[int, str], int]
"""Where each parameter starts, by the number of its node and its name."""


def _lay_out(graph: Graph) -> tuple[_Offsets, int, int]:
    """Offsets, the numbers in all parameters, and those in the trainable ones."""
    declared = list(_declared(graph))
    kinds = dict.fromkeys(_kind(parameter) for _, _, parameter in declared)
    order = {kind: number for number, kind in enumerate(sorted(kinds, key=_place))}
    offset = trainable = 0
    offsets: _Offsets = {}
    for node, name, parameter in sorted(declared, key=lambda each: order[_kind(each[2])]):
        offsets[node.number, name] = offset
        offset += -(-math.prod(parameter.shape) // _STEP) * _STEP
        if parameter.trainable:
            trainable = offset
    return offsets, offset, trainable


_Kind = tuple[bool, bool, float, float | None]


def _kind(parameter: Parameter) -> _Kind:
    """What an optimizer makes a difference by."""
    if not parameter.trainable:
        return (False, False, 1.0, None)
    return (True, parameter.decay, parameter.lr_factor, parameter.weight_decay)


def _place(kind: _Kind) -> tuple[bool, bool, bool]:
    """Those that learn, those without a group, and those that decay come first."""
    trainable, decay, *own = kind
    return (not trainable, own != [1.0, None], not decay)


def single(graph: Graph) -> tuple[Block, ...]:
    """A block for each trainable parameter, in the order of memory, before there is any."""
    offsets, _, _ = _lay_out(graph)
    found = [(offsets[node.number, name], node, p) for node, name, p in _declared(graph)]
    learning = [each for each in sorted(found, key=lambda each: each[0]) if each[2].trainable]
    last = _last(graph)
    return tuple(
        Block(
            start,
            start + math.prod(parameter.shape),
            parameter,
            hidden=node.number not in last and not parameter.table,
        )
        for start, node, parameter in learning
    )


def _last(graph: Graph) -> set[int]:
    """Numbers of the layers with a matrix that no other one's lies behind."""
    writers = {node.output.number: node for node in graph.nodes}
    found: set[int] = set()
    values, seen = [graph.output.number], set()
    while values:
        node = writers.get(values.pop())
        if node is None or node.number in seen:
            continue
        seen.add(node.number)
        if any(each.trainable and len(each.shape) > 1 for each in node.parameters.values()):
            found.add(node.number)
        else:
            values += [value.number for value in node.inputs]
    return found


def _merged(blocks: Sequence[Block], stop: int) -> Iterator[Block]:
    """The same memory in as few blocks as may be, up to ``stop``."""
    for _, run in groupby(blocks, key=lambda block: _kind(block.like)):
        first, *_ = alike = tuple(run)
        end = min((each.start for each in blocks if each.start > alike[-1].start), default=stop)
        yield Block(first.start, end, first.like, hidden=all(each.hidden for each in alike))


def aligned_zeros(size: int, dtype: str) -> Array:
    """``size`` zeros that start at a multiple of the alignment."""
    itemsize = np.dtype(dtype).itemsize
    raw = np.zeros(size * itemsize + _ALIGNMENT, dtype=np.uint8)
    skip = -raw.ctypes.data % _ALIGNMENT
    return raw[skip : skip + size * itemsize].view(dtype)


def _declared(graph: Graph) -> Iterator[tuple[Node, str, Parameter]]:
    for node in graph.nodes:
        for name, parameter in node.parameters.items():
            yield node, name, parameter
