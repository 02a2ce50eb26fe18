"""When and how large every array of a step is, from shapes alone.

The nodes are cut into *segments*: runs of layers in which samples do not depend on one another,
and single batchwide layers.  Within a segment the batch is cut into chunks, and each chunk goes
through all of its layers while it is in the cache.  Segments run one after the other, so they are
the moments at which arrays live or not: forward is 0 ... S-1, the loss S, backward S+1 ... 2S.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Shape
from dlrun.nn.graph import Graph, Node
from dlrun.nn.layer import Buffer
from dlrun.nn.memory import Request, Span, place
from dlrun.nn.wiring import Reader, Wiring, wire

_CHUNK_BYTES = 512 * 1024
"""What a chunk's arrays around one layer should fit into: half of a usual L2 cache."""

_CHUNK_WORK = 2e6
"""Multiply-adds that are worth handing to another thread: about 50 us."""

_MOST_CHUNKS = 16
"""More would spend more on calls than they gain, and partial gradients take memory."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Nodes that each chunk of the batch goes through on its own; its number is its moment."""

    number: int
    nodes: tuple[Node, ...]
    chunks: tuple[slice, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """An array's place: offset in bytes, shape and type."""

    offset: int
    shape: Shape
    dtype: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of all arrays of a step for one batch size.

    Attributes:
        batch: samples in a step.
        training: with gradients, or without.
        wiring: who reads what.
        segments: what runs when.
        slots: places by the names that the functions ``value`` ... below give.
        size: bytes in all.
    """

    graph: Graph
    batch: int
    training: bool
    wiring: Wiring
    segments: tuple[Segment, ...]
    slots: Mapping[Hashable, Slot]
    size: int


def value(root: int) -> Hashable:
    """Name of a value's array."""
    return ("value", root)


def gradient(root: int, reader: Reader | None = None) -> Hashable:
    """Name of the gradient that one reader writes, or of the sum of those of several."""
    if reader is None:
        return ("gradient", root)
    return ("gradient", root, reader.node.number if reader.node else "loss", reader.index)


def scratch(node: Node, name: str) -> Hashable:
    """Name of a work array."""
    return ("scratch", node.number, name)


def partial(node: Node, name: str) -> Hashable:
    """Name of a parameter's gradients of all chunks."""
    return ("partial", node.number, name)


def lay_out(graph: Graph, batch: int, *, training: bool, dtype: str = "float32") -> Layout:
    """Decide where every array lives.

    Args:
        graph: the network.
        batch: samples in a step.
        training: with gradients, or without.
        dtype: of values and gradients.
    """
    wiring = wire(graph)
    segments = _segments(wiring, batch)
    wishes = list(_Wishes(graph, wiring, segments, batch, training, dtype).all())
    offsets, size = place([Request(w.name, w.bytes, w.spans) for w in wishes])
    slots = {w.name: Slot(offsets[w.name], w.shape, w.dtype) for w in wishes}
    return Layout(graph, batch, training, wiring, segments, slots, size)


def _segments(wiring: Wiring, batch: int) -> tuple[Segment, ...]:
    """Cut the nodes where samples meet."""
    runs: list[list[Node]] = []
    for node in wiring.nodes:
        if not runs or node.layer.batchwide or runs[-1][-1].layer.batchwide:
            runs.append([])
        runs[-1].append(node)
    return tuple(Segment(n, tuple(run), _chunks(run, batch)) for n, run in enumerate(runs))


def _chunks(nodes: list[Node], batch: int) -> tuple[slice, ...]:
    """Equal parts of the batch; they depend on shapes only, never on the number of threads."""
    if nodes[0].layer.batchwide:
        return (slice(0, batch),)
    bytes_per_sample = 4 * max(
        math.prod(node.output.shape)
        + sum(math.prod(each.shape) for each in node.inputs)
        + sum(math.prod(buffer.shape) for buffer in _buffers(node).values() if buffer.per_sample)
        for node in nodes
    )
    work = sum(node.layer.multiply_adds(node.inputs[0].shape) for node in nodes)
    wanted = batch * max(bytes_per_sample / _CHUNK_BYTES, work / _CHUNK_WORK)
    count = max(1, min(_MOST_CHUNKS, batch, round(wanted)))
    rows = -(-batch // count)
    return tuple(slice(start, min(start + rows, batch)) for start in range(0, batch, rows))


def _buffers(node: Node) -> Mapping[str, Buffer]:
    return node.layer.scratch(node.inputs[0].shape)


@dataclass(frozen=True, slots=True)
class _Wish:
    name: Hashable
    shape: Shape
    dtype: str
    spans: tuple[Span, ...]

    @property
    def bytes(self) -> int:
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


class _Wishes:
    """All arrays of a step with the spans in which their content matters."""

    def __init__(
        self,
        graph: Graph,
        wiring: Wiring,
        segments: tuple[Segment, ...],
        batch: int,
        training: bool,
        dtype: str,
    ) -> None:
        self.graph, self.wiring, self.batch, self.dtype = graph, wiring, batch, dtype
        self.training = training
        self.loss = len(segments)
        self.segment_of = {node.number: part for part in segments for node in part.nodes}

    def all(self) -> Iterator[_Wish]:
        first = (self.batch, *self.graph.input.shape)
        yield _Wish(value(self.graph.input.number), first, self.dtype, self._life(None))
        for node in self.wiring.nodes:
            shape = (self.batch, *node.output.shape)
            yield _Wish(value(node.output.number), shape, self.dtype, self._life(node))
            yield from self._scratch(node)
            if self.training and self.wiring.learns(node):
                yield from self._gradients(node)
                yield from self._partials(node)

    def _forward(self, node: Node) -> int:
        return self.segment_of[node.number].number

    def _backward(self, node: Node) -> int:
        return 2 * self.loss - self._forward(node)

    def _life(self, writer: Node | None) -> tuple[Span, ...]:
        """From the writing of a value (the input: before all) to its last reading."""
        root = writer.output.number if writer else self.graph.input.number
        start = self._forward(writer) if writer else 0
        moments = [start]
        for node in (reader.node for reader in self.wiring.readers[root]):
            if node is None:
                moments.append(2 * self.loss + 1)  # metrics read the output behind the step
            else:
                moments.append(self._forward(node))
                if "x" in node.layer.keeps and self._goes_back(node):
                    moments.append(self._backward(node))
        for node in self.wiring.masked.get(root, ()):
            moments.append(self._forward(node))
            if self._goes_back(node):
                moments.append(self._backward(node))
        if writer and "y" in writer.layer.keeps and self._goes_back(writer):
            moments.append(self._backward(writer))
        return ((start, max(moments)),)

    def _goes_back(self, node: Node) -> bool:
        return self.training and self.wiring.learns(node)

    def _scratch(self, node: Node) -> Iterator[_Wish]:
        for name, buffer in _buffers(node).items():
            there, back = self._forward(node), self._backward(node)
            spans: tuple[Span, ...] = ((there, there),)
            if self._goes_back(node):
                spans = ((there, back),) if buffer.kept else ((there, there), (back, back))
            chunks = len(self.segment_of[node.number].chunks)
            shape = (self.batch if buffer.per_sample else chunks, *buffer.shape)
            yield _Wish(scratch(node, name), shape, buffer.dtype or self.dtype, spans)

    def _gradients(self, node: Node) -> Iterator[_Wish]:
        root, shape = node.output.number, (self.batch, *node.output.shape)
        here = self._backward(node)
        readers = self.wiring.readers[root]
        for reader in readers:
            written = self._backward(reader.node) if reader.node else self.loss
            yield _Wish(gradient(root, reader), shape, self.dtype, ((written, here),))
        if len(readers) > 1:
            yield _Wish(gradient(root), shape, self.dtype, ((here, here),))

    def _partials(self, node: Node) -> Iterator[_Wish]:
        chunks = len(self.segment_of[node.number].chunks)
        for name, parameter in node.parameters.items():
            if chunks > 1 and parameter.trainable:
                here = self._backward(node)
                yield _Wish(
                    partial(node, name), (chunks, *parameter.shape), self.dtype, ((here, here),)
                )
