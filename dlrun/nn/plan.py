"""A network bound to memory: flat lists of functions that a step calls in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from dlrun.arrays import Array
from dlrun.nn import layout as names
from dlrun.nn.arena import Parameters, aligned_zeros
from dlrun.nn.fuse import fuse
from dlrun.nn.graph import Graph, Node, Value
from dlrun.nn.kernels import Kernels
from dlrun.nn.layer import Bound, Buffer, Clock, Context, Meeting, Merge, Tensor, Tensors
from dlrun.nn.layout import Layout, Segment, lay_out
from dlrun.nn.loss import Loss, bind_masked
from dlrun.nn.probe import UNWATCHED, Probe
from dlrun.nn.threads import Pool, Work, chain
from dlrun.nn.wiring import Reader

_WORTH_SHARING = 150e-6
"""Seconds of work on one thread that another's help shortens."""


class Plan:
    """A graph bound to a batch size.

    Attributes:
        graph: what it is a plan of.
        batch: samples in a step.
        input: (batch, *sample), to be filled before ``forward``.
        targets: (batch, ...), to be filled before ``loss``; empty without a loss.
        loss: gives the loss of the output and writes its gradient.
        output: (batch, *output), what the network says.
        mask: (batch, time), 1 at steps of the output that are valid and 0 at padding; None where
            all are valid.
        memory: all of the plan's arrays; a smaller plan may be bound to the same.
    """

    def __init__(
        self,
        graph: Graph,
        parameters: Parameters,
        batch: int,
        *,
        training: bool,
        kernels: Kernels,
        pool: Pool,
        loss: Loss | None = None,
        targets: Array | None = None,
        clock: Clock | None = None,
        memory: Array | None = None,
        probe: Probe = UNWATCHED,
    ) -> None:
        dtype = parameters.values.dtype.name
        layout = lay_out(fuse(graph, training=training), batch, training=training, dtype=dtype)
        self.graph, self.batch = graph, batch
        self.memory = aligned_zeros(layout.size, "uint8") if memory is None else memory
        context = Context(
            training,
            batch=batch,
            clock=clock or Clock(),
            kernels=kernels,
            each=probe.pieces(pool.each),
        )
        binder = _Binder(layout, parameters, self.memory, context, pool, probe)
        self._forward, self._backward = binder.work()
        self.input = binder.value(graph.input).value
        last = binder.value(graph.output)
        self.output = last.value
        self._mask_of = partial(binder.mask, rows=slice(None))
        self.mask = self._mask_of(graph.output)
        self.targets = np.empty(0) if targets is None else targets
        self.loss: Callable[[], float] = _no_loss
        if loss is not None and targets is not None:
            bound = (
                loss.bind(last, targets, kernels)
                if self.mask is None
                else bind_masked(loss, last, targets, self.mask, kernels)
            )
            self.loss = probe.part("loss", bound)

    @property
    def weight(self) -> int:
        """What the batch counts in a mean over batches: its valid steps, or its samples.

        Steps count where the output has a mask; ``forward`` has to be through.
        """
        return self.batch if self.mask is None else int(np.count_nonzero(self.mask))

    def rows(self, node: Node) -> int:
        """How many valid steps, or samples, a node has read that reads the mask in backward, too.

        ``forward`` has to be through.
        """
        mask = self._mask_of(node.inputs[0])
        return self.batch if mask is None else int(np.count_nonzero(mask))

    def forward(self) -> None:
        """Compute the output from the input."""
        for work in self._forward:
            work()

    def backward(self) -> None:
        """Compute the gradients of all parameters; ``forward`` and ``loss`` come before."""
        for work in self._backward:
            work()


def _no_loss() -> float:
    raise RuntimeError("the plan was bound without a loss")


class _Binder:
    """Turns a layout's places into arrays, and its nodes into functions over them."""

    def __init__(
        self,
        layout: Layout,
        parameters: Parameters,
        memory: Array,
        context: Context,
        pool: Pool,
        probe: Probe,
    ) -> None:
        self.layout, self.parameters, self.memory = layout, parameters, memory
        self.wiring = layout.wiring
        self.context, self.pool, self.probe = context, pool, probe

    def array(self, name: object) -> Array | None:
        """The array at a name's place; None where the layout has none."""
        slot = self.layout.slots.get(name)
        if slot is None:
            return None
        size = int(np.prod(slot.shape, dtype=np.int64)) * np.dtype(slot.dtype).itemsize
        flat = self.memory[slot.offset : slot.offset + size]
        return flat.view(slot.dtype).reshape(slot.shape)

    def value(self, of: Value) -> Tensor:
        """A value as the loss sees it."""
        root = self.wiring.root[of.number]
        reader = (None, *self.wiring.readers[root])[-1]
        return self._tensor(of, names.value(root), names.gradient(root, reader))

    def work(self) -> tuple[Sequence[Work], Sequence[Work]]:
        """What forward and backward call, in order."""
        forward: list[Work] = []
        backward: list[Work] = []
        for segment in self.layout.segments:
            there, back = self._segment(segment)
            forward.extend(there)
            backward = [*back, *backward]
        return tuple(forward), tuple(backward)

    def _segment(self, segment: Segment) -> tuple[list[Work], list[Work]]:
        phases = segment.phases
        bound = [
            {node.number: self._bind(node, segment, number, rows) for node in segment.nodes}
            for number, rows in enumerate(segment.chunks)
        ]
        forward: list[Work] = []
        backward: list[Work] = []
        for number, phase in enumerate(phases):
            following = phases[number + 1] if number + 1 < len(phases) else ()
            # Small phases take longer on several threads, which get in each other's way.
            together = self.pool.each if segment.cost(number) > _WORTH_SHARING else chain
            forward += self._together(
                together,
                [
                    self._forward_of(phase, following[:1], each, rows)
                    for each, rows in zip(bound, segment.chunks, strict=True)
                ],
            )
            back = self._together(
                together,
                [
                    self._backward_of(phase, following[:1], each, rows)
                    for each, rows in zip(bound, segment.chunks, strict=True)
                ],
            )
            backward = back + backward
            if following:
                meeting = self._meet(following[0], segment)
                forward.append(self.probe.node(following[0], "forward", 0, meeting.forward))
                if self.wiring.learns(following[0]):
                    work = self.probe.node(following[0], "backward", 0, meeting.backward)
                    backward.insert(0, work)
        backward += self._sums_of_chunks(segment)
        return self.probe.segment(forward), self.probe.segment(backward)

    def _together(
        self, join: Callable[[Sequence[Work]], Work], chunks: list[list[Work]]
    ) -> list[Work]:
        """What all chunks do, as one; nothing where they have nothing to do."""
        return [join([chain(works) for works in chunks])] if chunks[0] else []

    def _forward_of(
        self,
        phase: Sequence[Node],
        following: Sequence[Node],
        bound: Mapping[int, Bound],
        rows: slice,
    ) -> list[Work]:
        """A chunk's way through a phase, to what the next one's first node gathers."""
        works = []
        for node in phase:
            values = self._output(node, rows).value
            work = self.probe.output(node, values, bound[node.number].forward)
            works.append(self.probe.node(node, "forward", self._products(node, rows), work))
        for node in following:
            gather = bound[node.number].gather
            if gather is not None:
                works.append(self.probe.node(node, "forward", 0, gather))
        return works

    def _backward_of(
        self,
        phase: Sequence[Node],
        following: Sequence[Node],
        bound: Mapping[int, Bound],
        rows: slice,
    ) -> list[Work]:
        """A chunk's way back: it begins where the next phase's first node passes gradients on."""
        works: list[Work] = []
        for node in following:
            passed_on = bound[node.number].backward
            if passed_on is not None and self._goes_back(node):
                works.append(self.probe.node(node, "backward", 0, passed_on))
        for node in reversed(phase):
            own = bound[node.number]
            meets = self.layout.training and node.layer.meets
            work = own.gather_back if meets else own.backward
            if work is not None and self._goes_back(node):
                summed = chain([*self._sum_of_readers(node, rows), work])
                products = self._products(node, rows)
                if not (node.trainable and self._is_first(node)):
                    products *= 2  # one for each factor; a first layer passes nothing on
                works.append(self.probe.node(node, "backward", products, summed))
        return works

    def _products(self, node: Node, rows: slice) -> int:
        """Multiply-adds of a chunk's way forward."""
        samples: int = rows.stop - rows.start
        return samples * node.layer.multiply_adds(node.inputs[0].shape)

    def _is_first(self, node: Node) -> bool:
        """Whether nobody needs the gradients of the node's inputs."""
        return not any(root in self.wiring.needed for root in self.wiring.inputs(node))

    def _goes_back(self, node: Node) -> bool:
        return self.layout.training and self.wiring.learns(node)

    def _meet(self, node: Node, segment: Segment) -> Meeting:
        scratch = {
            name: self._whole_scratch(node, name)
            for name in node.layer.scratch(node.inputs[0].shape)
        }
        samples = [chunk.stop - chunk.start for chunk in segment.chunks]
        shape, parameters = node.inputs[0].shape, self._parameters(node, 0)
        return node.layer.meet(shape, parameters, scratch, samples, self.context)

    def _bind(self, node: Node, segment: Segment, chunk: int, rows: slice) -> Bound:
        inputs = []
        for index, each in enumerate(node.inputs):
            root = self.wiring.root[each.number]
            slope = None if node.layer.marks else names.gradient(root, Reader(node, index))
            inputs.append(self._tensor(each, names.value(root), slope, rows))
        y = self._output(node, rows)
        if isinstance(node.layer, Merge):
            return node.layer.bind_merge(tuple(inputs), y)
        context = replace(
            self.context,
            node=node.number,
            first_row=rows.start,
            mask=self.mask(node.inputs[0], rows),
        )
        parameters = self._parameters(node, 0 if node.layer.meets else chunk)
        scratch = {
            name: self._scratch(node, name, buffer, rows, chunk)
            for name, buffer in node.layer.scratch(node.inputs[0].shape).items()
        }
        return node.layer.bind(inputs[0], y, parameters, scratch, context)

    def _output(self, node: Node, rows: slice) -> Tensor:
        return self._tensor(
            node.output, names.value(node.output.number), self._own_gradient(node), rows
        )

    def mask(self, of: Value, rows: slice) -> Array | None:
        """The mask of a value; None where it has none."""
        if of.mask is None:
            return None
        array = self.array(names.value(self.wiring.root[of.mask.number]))
        assert array is not None
        return array[rows]

    def _own_gradient(self, node: Node) -> object:
        readers = self.wiring.readers[node.output.number]
        return names.gradient(node.output.number, readers[0] if len(readers) == 1 else None)

    def _tensor(
        self, of: Value, value: object, gradient: object, rows: slice = slice(None)
    ) -> Tensor:
        """Both arrays in the shape of ``of``, which may reshape what was written."""
        arrays = [self.array(value), self.array(gradient)]
        shaped = [
            None if each is None else each.reshape(self.layout.batch, *of.shape)[rows]
            for each in arrays
        ]
        assert shaped[0] is not None
        return Tensor(shaped[0], shaped[1])

    def _gradient(self, of: Value, name: object, rows: slice) -> Array:
        array = self.array(name)
        assert array is not None
        return array.reshape(self.layout.batch, *of.shape)[rows]

    def _scratch(self, node: Node, name: str, buffer: Buffer, rows: slice, chunk: int) -> Array:
        """A chunk's part of a work array."""
        array = self._whole_scratch(node, name)
        if buffer.shared:
            return array
        own: Array = array[rows] if buffer.per_sample else array[chunk]
        return own

    def _whole_scratch(self, node: Node, name: str) -> Array:
        array = self.array(names.scratch(node, name))
        assert array is not None
        return array

    def _parameters(self, node: Node, part: int) -> Tensors:
        """Parameters by name, with gradients that are apart for each chunk where that needs be."""
        found = {}
        for name, tensor in self.parameters.of(node).items():
            partials = self.array(names.partial(node, name))
            grad = tensor.grad if partials is None else partials[part]
            found[name] = Tensor(tensor.value, grad if self.layout.training else None)
        return found

    def _sum_of_readers(self, node: Node, rows: slice) -> list[Work]:
        """Where several nodes read the output, its gradient is the sum of theirs."""
        root = node.output.number
        readers = self.wiring.readers[root]
        if len(readers) < 2:  # a mask has none
            return []
        total = self._gradient(node.output, names.gradient(root), rows)
        first, second, *rest = (
            self._gradient(node.output, names.gradient(root, reader), rows) for reader in readers
        )

        def add() -> None:
            np.add(first, second, out=total)
            for grad in rest:
                np.add(total, grad, out=total)

        return [add]

    def _sums_of_chunks(self, segment: Segment) -> list[Work]:
        """Gradients of parameters, added up in the order of the chunks."""

        def add(partials: Array, grad: Array) -> Work:
            def work() -> None:
                np.add.reduce(partials, axis=0, out=grad)

            return work

        work: list[Work] = []
        for node in segment.nodes:
            for name, tensor in self.parameters.of(node).items():
                partials = self.array(names.partial(node, name))
                if partials is not None and tensor.grad is not None:
                    summing = add(partials, tensor.grad)
                    work.append(self.probe.node(node, "backward", 0, summing))
        return work
