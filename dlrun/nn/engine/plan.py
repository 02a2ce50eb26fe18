"""A network bound to memory: flat lists of functions that a step calls in order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.engine.aligned import aligned_zeros
from dlrun.nn.engine.arena import Parameters
from dlrun.nn.engine.binder import Binder
from dlrun.nn.engine.layout import lay_out
from dlrun.nn.engine.probe import UNWATCHED, Probe
from dlrun.nn.engine.views import ALL, Views
from dlrun.nn.graph.bound import Clock, Context
from dlrun.nn.graph.builder import Graph, Node
from dlrun.nn.graph.fuse import fuse
from dlrun.nn.kernels import Kernels
from dlrun.nn.losses.base import Loss, bind_masked
from dlrun.nn.parallel.threads import Pool


class Plan:
    """A graph bound to a batch size.

    Args:
        graph: the network.
        parameters: of the network.
        batch: samples in a step.
        training: with gradients, or without.
        kernels: the inner loops.
        pool: the threads.
        loss: computes the loss; None without one.
        targets: (batch, ...), the array that the loss reads.
        clock: the current step of training.
        memory: of a larger plan, to use in turn with it; None allocates.
        probe: watches the work.

    Attributes:
        graph: the network.
        batch: samples in a step.
        input: (batch, *sample), to be filled before ``forward``.
        targets: (batch, ...), to be filled before ``loss``; empty without a loss.
        loss: returns the loss of the output and writes its gradient.
        output: (batch, *output), written by ``forward``.
        mask: (batch, time), 1 at valid steps of the output and 0 at padding; None if all are valid.
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
        views = Views(layout, parameters, self.memory)
        self._forward, self._backward = Binder(layout, views, context, pool, probe).work()
        self.input = views.result(graph.input).value
        last = views.result(graph.output)
        self.output = last.value
        self._mask_of = partial(views.mask, rows=ALL)
        self.mask = self._mask_of(graph.output)
        self.targets = np.empty(0) if targets is None else targets
        self.loss: Callable[[], float] = _no_loss
        if loss is not None and targets is not None:
            bound = (
                loss.bind(last, targets, kernels)
                if self.mask is None
                else bind_masked(loss, last, targets, self.mask, kernels)
            )
            self.loss = probe.loss(bound)

    @property
    def weight(self) -> int:
        """Weight of the batch in a mean over batches: its valid steps if the output has a mask.

        Otherwise its samples.  Call it after ``forward``.
        """
        return self.batch if self.mask is None else int(np.count_nonzero(self.mask))

    def rows(self, node: Node) -> int:
        """How many valid steps, or samples, a node has read whose backward reads the mask, too.

        Call it after ``forward``.
        """
        mask = self._mask_of(node.inputs[0])
        return self.batch if mask is None else int(np.count_nonzero(mask))

    def forward(self) -> None:
        """Compute the output from the input."""
        for work in self._forward:
            work()

    def backward(self) -> None:
        """Compute the gradients of all parameters, after ``forward`` and ``loss``."""
        for work in self._backward:
            work()


def _no_loss() -> float:
    raise RuntimeError("the plan was bound without a loss")
