"""The nodes of a layout as functions over its arrays, in the order in which a step calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.engine.layout import Layout
from dlrun.nn.engine.probe import Probe
from dlrun.nn.engine.segments import Segment
from dlrun.nn.engine.views import Views
from dlrun.nn.graph.bound import Bound, Context, Meeting
from dlrun.nn.graph.builder import Node
from dlrun.nn.graph.operation import Merge, Transform
from dlrun.nn.parallel.threads import Pool, Work, chain

_WORTH_SHARING = 60e-6
"""Seconds of work on one thread from which on several threads are faster."""


class Binder:
    """Binds a layout.

    Args:
        layout: places and order.
        views: its arrays.
        context: that of the whole batch.
        pool: the threads that chunks run on.
        probe: watches the work.
    """

    def __init__(
        self, layout: Layout, views: Views, context: Context, pool: Pool, probe: Probe
    ) -> None:
        self._layout, self._views, self._wiring = layout, views, layout.wiring
        self._context, self._pool, self._probe = context, pool, probe

    def work(self) -> tuple[Sequence[Work], Sequence[Work]]:
        """The functions that forward and backward call, in order."""
        forward: list[Work] = []
        backward: list[Work] = []
        for segment in self._layout.segments:
            own_forward, own_backward = self._segment(segment)
            forward.extend(own_forward)
            backward = [*own_backward, *backward]
        return tuple(forward), tuple(backward)

    def _segment(self, segment: Segment) -> tuple[list[Work], list[Work]]:
        phases = segment.phases
        bound = [
            {node.number: self._bind(node, number, rows) for node in segment.nodes}
            for number, rows in enumerate(segment.chunks)
        ]
        chunks = list(zip(bound, segment.chunks, strict=True))
        forward: list[Work] = []
        backward: list[Work] = []
        for number, phase in enumerate(phases):
            following = phases[number + 1][0] if number + 1 < len(phases) else None
            # Small phases take longer on several threads, which get in each other's way.
            join = self._pool.each if segment.cost(number) > _WORTH_SHARING else chain
            forward += _joined(join, [self._forward(phase, following, *each) for each in chunks])
            own = _joined(join, [self._backward(phase, following, *each) for each in chunks])
            backward = own + backward
            if following is not None:
                meeting = self._meet(following, segment)
                forward.append(self._probe.node(following, "forward", 0, meeting.forward))
                if self._wiring.learns(following):
                    work = self._probe.node(following, "backward", 0, meeting.backward)
                    backward.insert(0, work)
        backward += self._sums_over_chunks(segment)
        return self._probe.segment(forward), self._probe.segment(backward)

    def _forward(
        self, phase: Sequence[Node], following: Node | None, bound: Mapping[int, Bound], rows: slice
    ) -> list[Work]:
        """A chunk's forward pass through a phase, and what it gathers for the following one.

        Args:
            phase: nodes in order.
            following: the first node of the next phase, if there is one.
            bound: the nodes of the segment, bound to the chunk, by number.
            rows: the chunk.
        """
        works = []
        for node in phase:
            values = self._views.output(node, rows).value
            work = self._probe.output(node, values, bound[node.number].forward)
            works.append(self._probe.node(node, "forward", _multiply_adds(node, rows), work))
        gather = None if following is None else bound[following.number].gather
        if following is not None and gather is not None:
            works.append(self._probe.node(following, "forward", 0, gather))
        return works

    def _backward(
        self, phase: Sequence[Node], following: Node | None, bound: Mapping[int, Bound], rows: slice
    ) -> list[Work]:
        """A chunk's backward pass through a phase, from that of the following phase's first node.

        Arguments as in ``_forward``.
        """
        works: list[Work] = []
        first = None if following is None else bound[following.number].backward
        if following is not None and first is not None and self._has_backward(following):
            works.append(self._probe.node(following, "backward", 0, first))
        for node in reversed(phase):
            own = bound[node.number]
            meets = self._layout.training and node.operation.meets
            work = own.gather_back if meets else own.backward
            if work is not None and self._has_backward(node):
                summed = chain([*self._sum_over_readers(node, rows), work])
                multiply_adds = _multiply_adds(node, rows)
                if not (node.trainable and self._is_first(node)):
                    multiply_adds *= (
                        2  # gradients of inputs and weights; a first layer has the latter only
                    )
                works.append(self._probe.node(node, "backward", multiply_adds, summed))
        return works

    def _is_first(self, node: Node) -> bool:
        """Whether no gradient of the node's inputs is needed."""
        return not any(root in self._wiring.needed for root in self._wiring.inputs(node))

    def _has_backward(self, node: Node) -> bool:
        return self._layout.training and self._wiring.learns(node)

    def _meet(self, node: Node, segment: Segment) -> Meeting:
        assert isinstance(node.operation, Transform)
        x = node.inputs[0].shape
        scratch = {
            name: self._views.whole_scratch(node, name) for name in node.operation.scratch(x)
        }
        samples = [chunk.stop - chunk.start for chunk in segment.chunks]
        parameters = self._views.parameters(node, 0)
        return node.operation.meet(x, parameters, scratch, samples, self._context)

    def _bind(self, node: Node, chunk: int, rows: slice) -> Bound:
        inputs = [self._views.input(node, index, rows) for index in range(len(node.inputs))]
        y = self._views.output(node, rows)
        if isinstance(node.operation, Merge):
            return node.operation.bind_merge(tuple(inputs), y)
        assert isinstance(node.operation, Transform)
        context = replace(
            self._context,
            node=node.number,
            first_row=rows.start,
            mask=self._views.mask(node.inputs[0], rows),
        )
        parameters = self._views.parameters(node, 0 if node.operation.meets else chunk)
        scratch = {
            name: self._views.scratch(node, name, buffer, rows, chunk)
            for name, buffer in node.operation.scratch(node.inputs[0].shape).items()
        }
        return node.operation.bind(inputs[0], y, parameters, scratch, context)

    def _sum_over_readers(self, node: Node, rows: slice) -> list[Work]:
        """If several nodes read the output, its gradient is the sum of theirs."""
        if len(self._wiring.readers[node.output.number]) < 2:  # a mask has none
            return []
        total, (first, second, *rest) = self._views.gradients(node, rows)

        def add() -> None:
            np.add(first, second, out=total)
            for grad in rest:
                np.add(total, grad, out=total)

        return [add]

    def _sums_over_chunks(self, segment: Segment) -> list[Work]:
        """Gradients of parameters, added up in the order of the chunks."""
        return [
            self._probe.node(node, "backward", 0, _sum(partials, grad))
            for node in segment.nodes
            for partials, grad in self._views.partials(node)
        ]


def _sum(partials: Array, grad: Array) -> Work:
    def work() -> None:
        np.add.reduce(partials, axis=0, out=grad)

    return work


def _joined(join: Callable[[Sequence[Work]], Work], chunks: list[list[Work]]) -> list[Work]:
    """The work of all chunks as one; nothing if they have none."""
    return [join([chain(works) for works in chunks])] if chunks[0] else []


def _multiply_adds(node: Node, rows: slice) -> int:
    """Multiply-adds of a chunk's forward pass."""
    samples: int = rows.stop - rows.start
    return samples * node.operation.multiply_adds(node.inputs[0].shape)
