"""All arrays of a step, and the moments at which their content is in use."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Shape
from dlrun.nn.engine import array_names as names
from dlrun.nn.engine.memory import Span
from dlrun.nn.engine.segments import Segment
from dlrun.nn.graph.builder import Graph, Node
from dlrun.nn.graph.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Lifetime:
    """An array with the spans of moments in which its content is in use."""

    name: Hashable
    shape: Shape
    dtype: str
    spans: tuple[Span, ...]

    @property
    def bytes(self) -> int:
        """Its size."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


class Lifetimes:
    """The lifetimes of all arrays of a step.

    Args:
        graph: the network.
        wiring: of the graph.
        segments: the order of the work.
        batch: samples in a step.
        training: with gradients, or without.
        dtype: of values and gradients.
    """

    def __init__(
        self,
        graph: Graph,
        wiring: Wiring,
        segments: tuple[Segment, ...],
        batch: int,
        training: bool,
        dtype: str,
    ) -> None:
        self._graph, self._wiring, self._batch, self._dtype = graph, wiring, batch, dtype
        self._training = training
        self._loss = sum(len(segment.phases) for segment in segments)
        self._segment_of = {node.number: segment for segment in segments for node in segment.nodes}
        self._moment_of = {
            node.number: segment.first + number
            for segment in segments
            for number, phase in enumerate(segment.phases)
            for node in phase
        }

    def all(self) -> Iterator[Lifetime]:
        """All arrays: the input, then each node's output, scratch and gradients."""
        first = (self._batch, *self._graph.input.shape)
        yield Lifetime(
            names.value(self._graph.input.number), first, self._dtype, self._in_use(None)
        )
        for node in self._wiring.nodes:
            shape = (self._batch, *node.output.shape)
            yield Lifetime(names.value(node.output.number), shape, self._dtype, self._in_use(node))
            yield from self._scratch(node)
            if self._training and self._wiring.learns(node):
                yield from self._gradients(node)
                yield from self._partials(node)

    def _forward(self, node: Node) -> Span:
        """When forward uses the node's scratch; it writes the output at the last of these."""
        moment = self._moment_of[node.number]
        return (moment - self._meets(node), moment)

    def _backward(self, node: Node) -> Span:
        """When backward reads; it writes gradients at the last of these moments."""
        moment = 2 * self._loss - self._moment_of[node.number]
        return (moment, moment + self._meets(node))

    def _meets(self, node: Node) -> bool:
        return self._training and node.operation.meets

    def _in_use(self, writer: Node | None) -> tuple[Span, ...]:
        """From the writing of a value (the input: before the step) to its last reading."""
        root = writer.output.number if writer else self._graph.input.number
        start = self._forward(writer)[1] if writer else 0
        moments = [start]
        for node in (reader.node for reader in self._wiring.readers[root]):
            if node is None:
                moments.append(2 * self._loss + 1)  # metrics read the output after the step
            else:
                moments.append(self._forward(node)[1])
                if "x" in node.operation.keeps and self._has_backward(node):
                    moments.append(self._backward(node)[1])
        for node in self._wiring.masked.get(root, ()):
            moments.append(self._forward(node)[1])
            if self._has_backward(node):
                moments.append(self._backward(node)[1])
        if root == self._wiring.mask:
            moments.append(2 * self._loss + 1)  # metrics leave padding out, too
        if writer and "y" in writer.operation.keeps and self._has_backward(writer):
            moments.append(self._backward(writer)[1])
        return ((start, max(moments)),)

    def _has_backward(self, node: Node) -> bool:
        return self._training and self._wiring.learns(node)

    def _scratch(self, node: Node) -> Iterator[Lifetime]:
        for name, buffer in node.operation.scratch(node.inputs[0].shape).items():
            forward, backward = self._forward(node), self._backward(node)
            spans: tuple[Span, ...] = (forward,)
            if self._has_backward(node):
                spans = ((forward[0], backward[1]),) if buffer.kept else (forward, backward)
            chunks = len(self._segment_of[node.number].chunks)
            shape = (self._batch if buffer.per_sample else chunks, *buffer.shape)
            if buffer.shared:
                shape = buffer.shape
            yield Lifetime(names.scratch(node, name), shape, buffer.dtype or self._dtype, spans)

    def _gradients(self, node: Node) -> Iterator[Lifetime]:
        root, shape = node.output.number, (self._batch, *node.output.shape)
        backward = self._backward(node)
        readers = self._wiring.readers[root]
        for reader in readers:
            written = self._backward(reader.node)[1] if reader.node else self._loss
            last = backward[1] if len(readers) == 1 else backward[0]
            yield Lifetime(names.gradient(root, reader), shape, self._dtype, ((written, last),))
        if len(readers) > 1:
            yield Lifetime(names.gradient(root), shape, self._dtype, (backward,))

    def _partials(self, node: Node) -> Iterator[Lifetime]:
        chunks = len(self._segment_of[node.number].chunks)
        for name, parameter in node.parameters.items():
            if parameter.frozen:
                # A layer writes the gradients of all that it declared; these are not read.
                shape = (1 if node.operation.meets else chunks, *parameter.shape)
                yield Lifetime(
                    names.partial(node, name), shape, self._dtype, (self._backward(node),)
                )
            elif chunks > 1 and parameter.trainable and not node.operation.meets:
                shape = (chunks, *parameter.shape)
                # The sums are computed after the whole segment.
                last = 2 * self._loss - self._segment_of[node.number].first
                span = (self._backward(node)[0], last)
                yield Lifetime(names.partial(node, name), shape, self._dtype, (span,))
