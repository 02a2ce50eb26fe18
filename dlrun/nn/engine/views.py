"""The arrays of a layout as views of one piece of memory."""

from __future__ import annotations

import math
from collections.abc import Hashable

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.engine import array_names as names
from dlrun.nn.engine.arena import Parameters
from dlrun.nn.engine.layout import Layout
from dlrun.nn.graph.builder import Node, Value
from dlrun.nn.graph.declarations import Buffer
from dlrun.nn.graph.wiring import Reader
from dlrun.nn.tensor import Tensor, Tensors

ALL = slice(None)
"""The rows of all chunks."""


class Views:
    """Arrays of a step.

    Args:
        layout: the place of every array.
        parameters: of the network.
        memory: at least ``layout.size`` bytes.
    """

    def __init__(self, layout: Layout, parameters: Parameters, memory: Array) -> None:
        self._layout, self._parameters, self._memory = layout, parameters, memory
        self._wiring = layout.wiring

    def result(self, of: Value) -> Tensor:
        """A value as the loss reads it."""
        root = self._wiring.root[of.number]
        reader = (None, *self._wiring.readers[root])[-1]
        return self._tensor(of, names.value(root), names.gradient(root, reader), ALL)

    def input(self, node: Node, index: int, rows: slice) -> Tensor:
        """The n-th input of a node, with the gradient that the node writes."""
        of = node.inputs[index]
        root = self._wiring.root[of.number]
        gradient = None if node.operation.marks else names.gradient(root, Reader(node, index))
        return self._tensor(of, names.value(root), gradient, rows)

    def output(self, node: Node, rows: slice) -> Tensor:
        """The output of a node, with the gradient that its backward reads."""
        number = node.output.number
        readers = self._wiring.readers[number]
        gradient = names.gradient(number, readers[0] if len(readers) == 1 else None)
        return self._tensor(node.output, names.value(number), gradient, rows)

    def mask(self, of: Value, rows: slice) -> Array | None:
        """The mask of a value; None if it has none."""
        if of.mask is None:
            return None
        return self._needed(names.value(self._wiring.root[of.mask.number]))[rows]

    def gradients(self, node: Node, rows: slice) -> tuple[Array, list[Array]]:
        """The gradient of an output that several nodes read: the sum, and that of each reader."""
        root, shape = node.output.number, (self._layout.batch, *node.output.shape)
        total = self._needed(names.gradient(root))
        parts = [
            self._needed(names.gradient(root, reader)) for reader in self._wiring.readers[root]
        ]
        return total.reshape(shape)[rows], [part.reshape(shape)[rows] for part in parts]

    def scratch(self, node: Node, name: str, buffer: Buffer, rows: slice, chunk: int) -> Array:
        """A chunk's part of a work array."""
        array = self.whole_scratch(node, name)
        if buffer.shared:
            return array
        own: Array = array[rows] if buffer.per_sample else array[chunk]
        return own

    def whole_scratch(self, node: Node, name: str) -> Array:
        """A work array of all chunks."""
        return self._needed(names.scratch(node, name))

    def parameters(self, node: Node, chunk: int) -> Tensors:
        """Parameters by name, with the gradients that a chunk writes; none in evaluation."""
        tensors = {}
        for name, tensor in self._parameters.of(node).items():
            partials = self._array(names.partial(node, name))
            grad = tensor.grad if partials is None else partials[chunk]
            tensors[name] = Tensor(tensor.value, grad if self._layout.training else None)
        return tensors

    def partials(self, node: Node) -> list[tuple[Array, Array]]:
        """For each parameter with a gradient per chunk: those, (chunks, ...), and their sum."""
        pairs = []
        for name, tensor in self._parameters.of(node).items():
            partials = self._array(names.partial(node, name))
            if partials is not None and tensor.grad is not None:
                pairs.append((partials, tensor.grad))
        return pairs

    def _tensor(self, of: Value, value: Hashable, gradient: Hashable, rows: slice) -> Tensor:
        """Both arrays in the shape of ``of``, which may reshape what was written."""
        shape = (self._layout.batch, *of.shape)
        grad = self._array(gradient)
        return Tensor(
            self._needed(value).reshape(shape)[rows],
            None if grad is None else grad.reshape(shape)[rows],
        )

    def _needed(self, name: Hashable) -> Array:
        array = self._array(name)
        assert array is not None
        return array

    def _array(self, name: Hashable) -> Array | None:
        """The array of a name; None if the layout has none."""
        slot = self._layout.slots.get(name)
        if slot is None:
            return None
        size = math.prod(slot.shape) * np.dtype(slot.dtype).itemsize
        flat = self._memory[slot.offset : slot.offset + size]
        return flat.view(slot.dtype).reshape(slot.shape)
