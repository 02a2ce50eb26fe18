"""Running statistics for averaged weights, which were never trained themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dlrun.arrays import Array
from dlrun.data.batches.feed import Feed
from dlrun.data.batches.order import Batches
from dlrun.nn.engine.network import Network
from dlrun.nn.engine.plan import Plan
from dlrun.nn.graph.bound import Clock
from dlrun.nn.graph.builder import Node
from dlrun.nn.parallel.blas import quiet


def estimate(network: Network, batches: Batches, seed: int, memory: Array) -> None:
    """Set the running statistics of a network to their mean over the training set.

    One forward pass as in training, in its own order, epoch 0.  A batch is weighted by its number
    of samples, or of unmasked steps if a layer leaves padding out; a last batch of a single sample
    is skipped, and so is one with fewer than two unmasked steps.  Does nothing if the network has
    no running statistics.

    Args:
        network: its running statistics are changed in place.
        batches: of the training set.
        seed: of the run.
        memory: of a training plan of the network; overwritten.
    """
    parameters = network.parameters
    statistics = parameters.values[len(parameters.grads) :]
    if not len(statistics):
        return
    means = [
        _Mean(node, running)
        for node in network.graph.nodes
        if (running := [each.value for each in parameters.of(node).values() if each.grad is None])
    ]
    clock = Clock(seed=seed)
    nodes = tuple(replace(node, operation=node.operation.alone()) for node in network.graph.nodes)
    plans = {
        size: Plan(
            replace(network.graph, nodes=nodes),
            parameters,
            size,
            training=True,
            kernels=network.kernels,
            pool=network.pool,
            clock=clock,
            memory=memory,
        )
        for size in {batches.full_size, batches.last_size}
    }
    targets = batches.data.targets
    unused = np.empty((batches.full_size, *targets.shape[1:]), targets.dtype)
    few = batches.last_size == 1 < batches.full_size
    with quiet(), Feed(batches, seed, epochs=0) as feed:
        for step in range(batches.steps - few):
            plan = plans[batches.size(step)]
            feed.fill(0, step, plan.input, unused[: plan.batch])
            clock.step = step + 1
            plan.forward()
            for mean in means:
                mean.take_in(plan)
    for mean in means:
        mean.release()


class _Mean:
    """The weighted mean of a layer's statistics over batches."""

    def __init__(self, node: Node, statistics: Sequence[Array]) -> None:
        self._node, self._statistics = node, statistics
        self._means = [np.zeros(each.shape) for each in statistics]
        self._seen = 0

    def take_in(self, plan: Plan) -> None:
        """Add the statistics of the layer after a batch."""
        weight = plan.rows(self._node)
        if weight < 2 and self._node.inputs[0].mask is not None:
            return  # the layer did not update them
        self._seen += weight
        for mean, each in zip(self._means, self._statistics, strict=True):
            mean += weight / self._seen * (each - mean)

    def release(self) -> None:
        """Write the mean to the layer, if there is one."""
        for mean, each in zip(self._means, self._statistics, strict=True):
            if self._seen:
                np.copyto(each, mean, casting="same_kind")
