"""The order of the work in a step: segments, phases and chunks, from shapes alone.

The nodes are divided into *segments*: runs of layers that process the batch in the same chunks, and
single batchwide layers.  A chunk runs through as many layers as possible while it is in the cache:
up to a layer whose samples depend on one another, where every chunk needs results of the others.
So a segment has *phases*, each of which starts with such a layer or with the segment.

Phases run one after the other and are the moments at which arrays are in use or not: forward is
0 ... P-1, the loss P, backward P+1 ... 2P.  A layer whose samples depend on one another gathers
from its chunks at the end of the phase before it.  In backward it gathers at the end of its
phase and writes gradients in the phase before it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from dlrun.nn.graph.builder import Node
from dlrun.nn.graph.wiring import Wiring

_CHUNK_BYTES = 512 * 1024
"""Largest size of a chunk's arrays around one layer: half of a usual L2 cache."""

_CHUNK_WORK = 1e7
"""Multiply-adds that a chunk should have: about 0.1 ms."""

_SECONDS_PER_MULTIPLY_ADD, _SECONDS_PER_ELEMENT = 1.5e-11, 2e-10
"""Time of a multiply-add, and of reading or writing an element, on one thread."""

_MOST_CHUNKS = 8
"""With more, calls and the sums of partial gradients would take more time than is saved."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Nodes that every chunk of the batch runs through separately, phase by phase.

    Attributes:
        phases: the nodes; each phase after the first starts with a node whose samples depend on
            one another.
        first: the moment of the first phase.
        chunks: rows of the batch.
    """

    phases: tuple[tuple[Node, ...], ...]
    first: int
    chunks: tuple[slice, ...]

    def cost(self, number: int) -> float:
        """Estimated time of a phase's forward pass on one thread, in seconds."""
        nodes = self.phases[number]
        samples: int = self.chunks[-1].stop
        multiply_adds = sum(node.operation.multiply_adds(node.inputs[0].shape) for node in nodes)
        elements = sum(
            math.prod(value.shape) for node in nodes for value in (*node.inputs, node.output)
        )
        return samples * (
            multiply_adds * _SECONDS_PER_MULTIPLY_ADD + elements * _SECONDS_PER_ELEMENT
        )

    @property
    def nodes(self) -> Iterator[Node]:
        """All nodes, in the order of execution."""
        return (node for phase in self.phases for node in phase)


def segments_of(wiring: Wiring, batch: int, training: bool) -> tuple[Segment, ...]:
    """Divide the nodes into segments, and these into phases.

    Args:
        wiring: of the graph.
        batch: samples in a step.
        training: with gradients, or without.
    """
    runs: list[list[list[Node]]] = []
    for node in wiring.nodes:
        if not runs or node.operation.batchwide or _is_batchwide(runs[-1]):
            runs.append([[]])
        if training and node.operation.meets:
            runs[-1].append([])
        runs[-1][-1].append(node)
    segments: list[Segment] = []
    moment = 0
    for run in runs:
        phases = tuple(tuple(phase) for phase in run)
        segments.append(Segment(phases, moment, _chunks(phases, batch)))
        moment += len(phases)
    return tuple(segments)


def _is_batchwide(run: list[list[Node]]) -> bool:
    return run[0] != [] and run[0][0].operation.batchwide


def _chunks(phases: tuple[tuple[Node, ...], ...], batch: int) -> tuple[slice, ...]:
    """Equal parts of the batch; they depend on shapes only, never on the number of threads."""
    nodes = [node for phase in phases for node in phase]
    if nodes[0].operation.batchwide:
        return (slice(0, batch),)
    bytes_per_sample = 4 * max(_elements_per_sample(node) for node in nodes)
    work = max(
        sum(node.operation.multiply_adds(node.inputs[0].shape) for node in phase)
        for phase in phases
    )
    needed = batch * max(bytes_per_sample / _CHUNK_BYTES, work / _CHUNK_WORK)
    # A power of two divides evenly among as many threads.
    count = min(_MOST_CHUNKS, batch, 2 ** max(0, round(math.log2(needed))))
    rows = -(-batch // count)
    return tuple(slice(start, min(start + rows, batch)) for start in range(0, batch, rows))


def _elements_per_sample(node: Node) -> int:
    """Elements in the inputs, the output and the work arrays of a node."""
    buffers = node.operation.scratch(node.inputs[0].shape).values()
    return (
        math.prod(node.output.shape)
        + sum(math.prod(value.shape) for value in node.inputs)
        + sum(math.prod(buffer.shape) for buffer in buffers if buffer.per_sample)
    )
