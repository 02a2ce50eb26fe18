"""Running statistics of weights that were never trained: those of an average."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dlrun.arrays import Array
from dlrun.data.batches import Batches
from dlrun.data.feed import Feed
from dlrun.nn.graph import Node
from dlrun.nn.layer import Clock
from dlrun.nn.network import Network
from dlrun.nn.plan import Plan
from dlrun.nn.threads import quiet


def estimate(network: Network, batches: Batches, seed: int, memory: Array) -> None:
    """Set the running statistics of a network to their mean over the training part.

    One pass forward as in training, in an order of its own, epoch 0.  A batch weighs as much as it
    has samples, or valid steps where a layer leaves padding out; a last one of a single sample is
    left out, and so is one of fewer than two valid steps.  Does nothing where the network has no
    such statistics.

    Args:
        network: its parameters that no optimizer changes are changed.
        batches: of the training part.
        seed: the run's.
        memory: of a training plan of the network, which is overwritten.
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
    nodes = tuple(replace(node, layer=node.layer.alone()) for node in network.graph.nodes)
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
    """The mean of a layer's statistics over batches, each with its own weight."""

    def __init__(self, node: Node, statistics: Sequence[Array]) -> None:
        self._node, self._statistics = node, statistics
        self._means = [np.zeros(each.shape) for each in statistics]
        self._seen = 0

    def take_in(self, plan: Plan) -> None:
        """The statistics that the layer has after a batch."""
        weight = plan.rows(self._node)
        if weight < 2 and self._node.inputs[0].mask is not None:
            return  # they are still those of the batch before
        self._seen += weight
        for mean, each in zip(self._means, self._statistics, strict=True):
            mean += weight / self._seen * (each - mean)

    def release(self) -> None:
        """Put the mean where the statistics are, if there is one."""
        for mean, each in zip(self._means, self._statistics, strict=True):
            if self._seen:
                np.copyto(each, mean, casting="same_kind")
