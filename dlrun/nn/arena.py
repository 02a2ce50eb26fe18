"""All parameters of a network in one flat array, and their gradients in another.

Order: weights that decay, then the other trainable ones, then running statistics.  So an optimizer
sees two long blocks whatever the number of layers, and a copy of all weights is one copy.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.gain import gains
from dlrun.nn.graph import Graph, Node
from dlrun.nn.initializer import Initializer
from dlrun.nn.layer import Parameter, Tensor
from dlrun.rng import Stream, generator

_ALIGNMENT = 64
"""Bytes of a cache line, and of the widest vector register; arrays start at a multiple."""

_STEP = _ALIGNMENT // 4
"""Every parameter starts at a multiple of so many numbers, on a cache line in float32."""


@dataclass(frozen=True, slots=True)
class Block:
    """A run of weights that an optimizer treats alike: from ``start`` up to ``stop``."""

    start: int
    stop: int
    decay: bool


class Parameters:
    """A graph's parameters as named views of flat arrays.

    Attributes:
        values: all values.
        grads: gradients of the trainable ones, which come first; same offsets.
        blocks: the trainable part, cut where weight decay ends.
    """

    def __init__(self, graph: Graph, dtype: str = "float32") -> None:
        self._graph = graph
        self._nodes = graph.nodes
        self._offsets, edges = _lay_out(graph)
        self.values: Array = aligned_zeros(edges[3], dtype)
        self.grads: Array = aligned_zeros(edges[2], dtype)
        self.blocks = tuple(
            Block(start, stop, decay)
            for start, stop, decay in ((edges[0], edges[1], True), (edges[1], edges[2], False))
            if stop > start
        )
        self._tensors: dict[int, dict[str, Tensor]] = {node.number: {} for node in graph.nodes}
        for node, name, parameter in _declared(graph):
            start = self._offsets[node.number, name]
            stop = start + math.prod(parameter.shape)
            value = self.values[start:stop].reshape(parameter.shape)
            grad = self.grads[start:stop].reshape(parameter.shape) if parameter.trainable else None
            self._tensors[node.number][name] = Tensor(value, grad)

    def of(self, node: Node) -> Mapping[str, Tensor]:
        """The parameters of a node, by name."""
        return self._tensors[node.number]

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
                self._tensors[node.number][name].value[...] = rule.sample(
                    random, parameter.shape, parameter.fan_in, parameter.fan_out
                )
                number += 1


def size_of(graph: Graph) -> tuple[int, int]:
    """Numbers in the arrays of a graph's values and of its gradients, before there are any."""
    _, edges = _lay_out(graph)
    return edges[3], edges[2]


def _lay_out(graph: Graph) -> tuple[dict[tuple[int, str], int], list[int]]:
    """Offsets by node and name, and where each of the three parts begins and the last ends."""
    offset = 0
    offsets: dict[tuple[int, str], int] = {}
    edges = [0]
    for belongs in (_decays, _trains_only, _follows):
        for node, name, parameter in _declared(graph):
            if belongs(parameter):
                offsets[node.number, name] = offset
                offset += -(-math.prod(parameter.shape) // _STEP) * _STEP
        edges.append(offset)
    return offsets, edges


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


def _decays(parameter: Parameter) -> bool:
    return parameter.trainable and parameter.decay


def _trains_only(parameter: Parameter) -> bool:
    return parameter.trainable and not parameter.decay


def _follows(parameter: Parameter) -> bool:
    return not parameter.trainable
