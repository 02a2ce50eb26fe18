"""When and how large every array of a step is, from shapes alone.

The nodes are cut into *segments*: runs of layers that go through the batch in the same chunks, and
single batchwide layers.  A chunk goes through as many layers as it can while it is in the cache:
up to one whose samples meet, where all chunks have to wait for one another.  So a segment has
*phases*, each of which begins with such a layer or with the segment.

Phases run one after the other and are the moments at which arrays live or not: forward is
0 ... P-1, the loss P, backward P+1 ... 2P.  A layer whose samples meet gathers from its chunks at
the end of the phase before it; going back, at the end of its own, and passes on in the one before.
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

_CHUNK_WORK = 1e7
"""Multiply-adds that a chunk should have: about 0.1 ms."""

_SECONDS_A_PRODUCT, _SECONDS_A_NUMBER = 1.5e-11, 2e-10
"""What a multiply-add takes, and reading or writing a number, on one thread."""

_MOST_CHUNKS = 8
"""More would spend more on calls and on adding up partial gradients than they gain."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Nodes that each chunk of the batch goes through on its own, phase by phase.

    Attributes:
        phases: the nodes; all phases but the first begin with a node whose samples meet.
        first: the moment of the first phase.
        chunks: rows of the batch.
    """

    phases: tuple[tuple[Node, ...], ...]
    first: int
    chunks: tuple[slice, ...]

    def cost(self, number: int) -> float:
        """About how long a thread takes to go forward through a phase, in seconds."""
        nodes = self.phases[number]
        samples: int = self.chunks[-1].stop
        products = sum(node.layer.multiply_adds(node.inputs[0].shape) for node in nodes)
        numbers = sum(
            math.prod(value.shape) for node in nodes for value in (*node.inputs, node.output)
        )
        return samples * (products * _SECONDS_A_PRODUCT + numbers * _SECONDS_A_NUMBER)

    @property
    def nodes(self) -> Iterator[Node]:
        """All nodes, in the order of execution."""
        return (node for phase in self.phases for node in phase)


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
    segments = _segments(wiring, batch, training)
    wishes = list(_Wishes(graph, wiring, segments, batch, training, dtype).all())
    offsets, size = place([Request(w.name, w.bytes, w.spans) for w in wishes])
    slots = {w.name: Slot(offsets[w.name], w.shape, w.dtype) for w in wishes}
    return Layout(graph, batch, training, wiring, segments, slots, size)


def _segments(wiring: Wiring, batch: int, training: bool) -> tuple[Segment, ...]:
    """Cut the nodes where one cuts its work itself, and into phases where samples meet."""
    runs: list[list[list[Node]]] = []
    for node in wiring.nodes:
        if not runs or node.layer.batchwide or _alone(runs[-1]):
            runs.append([[]])
        if training and node.layer.meets:
            runs[-1].append([])
        runs[-1][-1].append(node)
    segments: list[Segment] = []
    moment = 0
    for run in runs:
        phases = tuple(tuple(phase) for phase in run)
        segments.append(Segment(phases, moment, _chunks(phases, batch)))
        moment += len(phases)
    return tuple(segments)


def _alone(run: list[list[Node]]) -> bool:
    return run[0] != [] and run[0][0].layer.batchwide


def _chunks(phases: tuple[tuple[Node, ...], ...], batch: int) -> tuple[slice, ...]:
    """Equal parts of the batch; they depend on shapes only, never on the number of threads."""
    nodes = [node for phase in phases for node in phase]
    if nodes[0].layer.batchwide:
        return (slice(0, batch),)
    bytes_per_sample = 4 * max(
        math.prod(node.output.shape)
        + sum(math.prod(each.shape) for each in node.inputs)
        + sum(math.prod(buffer.shape) for buffer in _buffers(node).values() if buffer.per_sample)
        for node in nodes
    )
    work = max(
        sum(node.layer.multiply_adds(node.inputs[0].shape) for node in phase) for phase in phases
    )
    wanted = batch * max(bytes_per_sample / _CHUNK_BYTES, work / _CHUNK_WORK)
    # A power of two divides evenly among as many threads.
    count = min(_MOST_CHUNKS, batch, 2 ** max(0, round(math.log2(wanted))))
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
        self.loss = sum(len(part.phases) for part in segments)
        self.segment_of = {node.number: part for part in segments for node in part.nodes}
        self.moment_of = {
            node.number: part.first + number
            for part in segments
            for number, phase in enumerate(part.phases)
            for node in phase
        }

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

    def _forward(self, node: Node) -> Span:
        """When forward needs the node's scratch; it writes at the last moment of these."""
        moment = self.moment_of[node.number]
        return (moment - self._meets(node), moment)

    def _backward(self, node: Node) -> Span:
        """When backward reads; it writes at the last moment of these."""
        moment = 2 * self.loss - self.moment_of[node.number]
        return (moment, moment + self._meets(node))

    def _meets(self, node: Node) -> bool:
        return self.training and node.layer.meets

    def _life(self, writer: Node | None) -> tuple[Span, ...]:
        """From the writing of a value (the input: before all) to its last reading."""
        root = writer.output.number if writer else self.graph.input.number
        start = self._forward(writer)[1] if writer else 0
        moments = [start]
        for node in (reader.node for reader in self.wiring.readers[root]):
            if node is None:
                moments.append(2 * self.loss + 1)  # metrics read the output behind the step
            else:
                moments.append(self._forward(node)[1])
                if "x" in node.layer.keeps and self._goes_back(node):
                    moments.append(self._backward(node)[1])
        for node in self.wiring.masked.get(root, ()):
            moments.append(self._forward(node)[1])
            if self._goes_back(node):
                moments.append(self._backward(node)[1])
        if root == self.wiring.mask:
            moments.append(2 * self.loss + 1)  # metrics leave padding out, too
        if writer and "y" in writer.layer.keeps and self._goes_back(writer):
            moments.append(self._backward(writer)[1])
        return ((start, max(moments)),)

    def _goes_back(self, node: Node) -> bool:
        return self.training and self.wiring.learns(node)

    def _scratch(self, node: Node) -> Iterator[_Wish]:
        for name, buffer in _buffers(node).items():
            there, back = self._forward(node), self._backward(node)
            spans: tuple[Span, ...] = (there,)
            if self._goes_back(node):
                spans = ((there[0], back[1]),) if buffer.kept else (there, back)
            chunks = len(self.segment_of[node.number].chunks)
            shape = (self.batch if buffer.per_sample else chunks, *buffer.shape)
            if buffer.shared:
                shape = buffer.shape
            yield _Wish(scratch(node, name), shape, buffer.dtype or self.dtype, spans)

    def _gradients(self, node: Node) -> Iterator[_Wish]:
        root, shape = node.output.number, (self.batch, *node.output.shape)
        here = self._backward(node)
        readers = self.wiring.readers[root]
        for reader in readers:
            written = self._backward(reader.node)[1] if reader.node else self.loss
            last = here[1] if len(readers) == 1 else here[0]
            yield _Wish(gradient(root, reader), shape, self.dtype, ((written, last),))
        if len(readers) > 1:
            yield _Wish(gradient(root), shape, self.dtype, (here,))

    def _partials(self, node: Node) -> Iterator[_Wish]:
        chunks = len(self.segment_of[node.number].chunks)
        for name, parameter in node.parameters.items():
            if parameter.frozen:
                # A layer writes the gradients of all that it declared; nobody reads these.
                shape = (1 if node.layer.meets else chunks, *parameter.shape)
                yield _Wish(partial(node, name), shape, self.dtype, (self._backward(node),))
            elif chunks > 1 and parameter.trainable and not node.layer.meets:
                shape = (chunks, *parameter.shape)
                # The sums are made when the whole segment is through.
                last = 2 * self.loss - self.segment_of[node.number].first
                span = (self._backward(node)[0], last)
                yield _Wish(partial(node, name), shape, self.dtype, (span,))
