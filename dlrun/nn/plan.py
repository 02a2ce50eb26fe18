"""A network bound to memory: flat lists of functions that a step calls in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from dlrun.arrays import Array
from dlrun.nn import layout as names
from dlrun.nn.arena import Parameters, aligned_zeros
from dlrun.nn.fuse import fuse
from dlrun.nn.graph import Graph, Node, Value
from dlrun.nn.kernels import Kernels
from dlrun.nn.layer import Bound, Clock, Context, Merge, Tensor
from dlrun.nn.layout import Layout, Segment, lay_out
from dlrun.nn.loss import Loss
from dlrun.nn.threads import Pool, Work, chain


class Plan:
    """A graph bound to a batch size.

    Attributes:
        batch: samples in a step.
        input: (batch, *sample), to be filled before ``forward``.
        targets: (batch, ...), to be filled before ``loss``; empty without a loss.
        loss: gives the loss of the output and writes its gradient.
        output: (batch, *output), what the network says.
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
    ) -> None:
        dtype = parameters.values.dtype.name
        layout = lay_out(fuse(graph), batch, training=training, dtype=dtype)
        self.batch = batch
        self.memory = aligned_zeros(layout.size, "uint8") if memory is None else memory
        context = Context(training, clock=clock or Clock(), kernels=kernels, each=pool.each)
        binder = _Binder(layout, parameters, self.memory, context)
        self._forward, self._backward = binder.work()
        self.input = binder.value(graph.input).value
        last = binder.value(graph.output)
        self.output = last.value
        self.targets = np.empty(0) if targets is None else targets
        self.loss: Callable[[], float] = (
            loss.bind(last, targets, kernels)
            if loss is not None and targets is not None
            else _no_loss
        )

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
        self, layout: Layout, parameters: Parameters, memory: Array, context: Context
    ) -> None:
        self.layout, self.parameters, self.memory = layout, parameters, memory
        self.wiring = layout.wiring
        self.context = context

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
        reader = self.wiring.readers[root][-1]
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
        forward: list[Work] = []
        backward: list[Work] = []
        for number, rows in enumerate(segment.chunks):
            there: list[Work] = []
            back: list[Work] = []
            for node in segment.nodes:
                bound = self._bind(node, segment, number, rows)
                there.append(bound.forward)
                if bound.backward and self.layout.training and self.wiring.learns(node):
                    back = [*self._sum_of_readers(node, rows), bound.backward, *back]
            forward.append(chain(there))
            if back:
                backward.append(chain(back))
        each = self.context.each
        sums = self._sums_of_chunks(segment)
        return [each(forward)], [*([each(backward)] if backward else []), *sums]

    def _bind(self, node: Node, segment: Segment, chunk: int, rows: slice) -> Bound:
        inputs = []
        for index, each in enumerate(node.inputs):
            root = self.wiring.root[each.number]
            reader = next(
                r for r in self.wiring.readers[root] if r.node is node and r.index == index
            )
            inputs.append(self._tensor(each, names.value(root), names.gradient(root, reader), rows))
        y = self._tensor(
            node.output, names.value(node.output.number), self._own_gradient(node), rows
        )
        if isinstance(node.layer, Merge):
            return node.layer.bind_merge(tuple(inputs), y)
        context = replace(
            self.context, node=node.number, first_row=rows.start, mask=self._mask(node, rows)
        )
        parameters = {
            name: self._parameter(node, name, tensor, segment, chunk)
            for name, tensor in self.parameters.of(node).items()
        }
        scratch = {
            name: self._scratch(node, name, rows if buffer.per_sample else chunk)
            for name, buffer in node.layer.scratch(node.inputs[0].shape).items()
        }
        return node.layer.bind(inputs[0], y, parameters, scratch, context)

    def _mask(self, node: Node, rows: slice) -> Array | None:
        mask = node.inputs[0].mask
        if mask is None:
            return None
        array = self.array(names.value(self.wiring.root[mask.number]))
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

    def _scratch(self, node: Node, name: str, part: slice | int) -> Array:
        array = self.array(names.scratch(node, name))
        assert array is not None
        own: Array = array[part]
        return own

    def _parameter(
        self, node: Node, name: str, tensor: Tensor, segment: Segment, chunk: int
    ) -> Tensor:
        if not self.layout.training:
            return Tensor(tensor.value)
        partials = self.array(names.partial(node, name))
        return tensor if partials is None else Tensor(tensor.value, partials[chunk])

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
                    work.append(add(partials, tensor.grad))
        return work
