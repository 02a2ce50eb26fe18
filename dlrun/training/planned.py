"""The plan of a training step, described: what runs when, in how many pieces, in which memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal, cast

import numpy as np

from dlrun.arrays import Shape
from dlrun.nn.fuse import fuse
from dlrun.nn.graph import Node
from dlrun.nn.kernels import choice
from dlrun.nn.layer import Clock
from dlrun.nn.layout import Layout, Segment, Slot, lay_out
from dlrun.nn.network import Network
from dlrun.nn.probe import Direction, Each, Probe
from dlrun.nn.threads import Work
from dlrun.training.compile import Compiled, target_of
from dlrun.variables import KernelsName

What = Literal["value", "gradient", "scratch", "partial"]
"""A layer's output, a gradient of one, a work array, a parameter's gradients of all chunks."""


@dataclass(frozen=True, slots=True)
class PlannedArray:
    """An array of a step.

    Attributes:
        what: what it holds.
        of: the node that it belongs to; ``input`` for the batch itself.
        shape, dtype: its own.
        offset, bytes: its place in the memory of the step.
        shares: other arrays that are in the same bytes at other times.
    """

    what: What
    of: str
    shape: Shape
    dtype: str
    offset: int
    bytes: int
    shares: int


@dataclass(frozen=True, slots=True)
class PlannedNode:
    """A node of the plan.

    Attributes:
        name: its own, as ``conv_1``, or those of the layers that became one, joined by ``+``.
        layers: the names of these.
        phase: of the segment, counted from 0; before each but the first, all chunks meet.
        keeps: what backward reads again: ``input``, ``output``, names of work arrays.
        pieces: into how many its parts are cut, for layers that cut their own work.
        forward, backward: multiply-adds of a step.
        bytes: of its arrays; some of them share their place with others.
    """

    name: str
    layers: tuple[str, ...]
    phase: int
    keeps: tuple[str, ...]
    pieces: tuple[int, ...]
    forward: int
    backward: int
    bytes: int


@dataclass(frozen=True, slots=True)
class PlannedSegment:
    """Nodes that each chunk of the batch goes through by itself, but for where samples meet.

    Attributes:
        chunks: samples in each, at work on any thread.
    """

    number: int
    nodes: tuple[PlannedNode, ...]
    chunks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """A training step as it will run.

    Attributes:
        batch: samples in it.
        threads: how many may work.
        kernels, reason: the make of kernels, and why it was chosen.
        segments: one after the other forward, and in reverse order backward.
        arrays: all of the step's, by their place.
        memory: bytes that they take.
        apart: bytes that they would take if none shared its place.
    """

    batch: int
    threads: int
    kernels: KernelsName
    reason: str
    segments: tuple[PlannedSegment, ...]
    arrays: tuple[PlannedArray, ...]
    memory: int
    apart: int


def planned(compiled: Compiled) -> Planned:
    """Bind the plan of a full batch, without a step, and describe it."""
    experiment, train = compiled.experiment, compiled.data.train
    batch = min(experiment.data.batch_size, len(train))
    census = _Census()
    kernels, reason = choice(compiled.graph.multiply_adds())
    loss = experiment.loss.fit(target_of(train, compiled.graph, experiment.loss))
    network = Network(compiled.graph, loss, kernels=kernels, probe=census)
    targets = np.empty((batch, *train.targets.shape[1:]), train.targets.dtype)
    network.training_plan(batch, targets, Clock())
    layout = lay_out(fuse(compiled.graph, training=True), batch, training=True)
    arrays = _arrays(layout)
    return Planned(
        batch,
        network.pool.threads,
        kernels.which,
        reason,
        tuple(_segment(n, each, census, arrays) for n, each in enumerate(layout.segments)),
        arrays,
        layout.size,
        sum(array.bytes for array in arrays),
    )


class _Census(Probe):
    """Counts what a plan is bound to do.

    Attributes:
        cuts: the numbers of pieces of each node's work, in the order in which they are cut.
        multiply_adds: of each node and direction.
    """

    def __init__(self) -> None:
        self.cuts: dict[str, tuple[int, ...]] = defaultdict(tuple)
        self.multiply_adds: dict[tuple[str, Direction], int] = defaultdict(int)
        self._new: list[int] = []

    def pieces(self, each: Each) -> Each:
        """The same cutting, counted."""

        def cut(pieces: Sequence[Work]) -> Work:
            self._new.append(len(pieces))
            return each(pieces)

        return cut

    def node(self, node: Node, direction: Direction, multiply_adds: int, work: Work) -> Work:
        """The same work; what was cut since the last node is this one's."""
        self.cuts[node.name] += tuple(self._new)
        self._new.clear()
        self.multiply_adds[node.name, direction] += multiply_adds
        return work


def _segment(
    number: int, segment: Segment, census: _Census, arrays: Sequence[PlannedArray]
) -> PlannedSegment:
    nodes = tuple(
        PlannedNode(
            node.name,
            tuple(node.name.split("+")),
            phase,
            _kept(node),
            census.cuts[node.name],
            census.multiply_adds[node.name, "forward"],
            census.multiply_adds[node.name, "backward"],
            sum(array.bytes for array in arrays if array.of == node.name),
        )
        for phase, of_phase in enumerate(segment.phases)
        for node in of_phase
    )
    return PlannedSegment(number, nodes, tuple(rows.stop - rows.start for rows in segment.chunks))


def _kept(node: Node) -> tuple[str, ...]:
    ends = {"x": "input", "y": "output"}
    buffers = node.layer.scratch(node.inputs[0].shape)
    return (
        *(ends[each] for each in node.layer.keeps),
        *(name for name, buffer in buffers.items() if buffer.kept),
    )


def _arrays(layout: Layout) -> tuple[PlannedArray, ...]:
    nodes = {node.number: node.name for node in layout.wiring.nodes}
    writers = {node.output.number: node.name for node in layout.wiring.nodes}
    writers[layout.graph.input.number] = "input"

    def owner(what: What, number: int) -> str:
        return writers[number] if what in ("value", "gradient") else nodes[number]

    slots = sorted(layout.slots.items(), key=lambda each: each[1].offset)
    found = []
    for name, slot in slots:
        what, number, *_ = cast(tuple[What, int], name)
        start, stop = _extent(slot)
        others = [_extent(other) for _, other in slots if other is not slot]
        shares = sum(first < stop and start < last for first, last in others)
        found.append(
            PlannedArray(
                what, owner(what, number), slot.shape, slot.dtype, start, stop - start, shares
            )
        )
    return tuple(found)


def _extent(slot: Slot) -> tuple[int, int]:
    return slot.offset, slot.offset + prod(slot.shape) * np.dtype(slot.dtype).itemsize
