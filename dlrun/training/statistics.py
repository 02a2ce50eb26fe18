"""Running statistics of weights that were never trained: those of an average."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dlrun.arrays import Array
from dlrun.data.batches import Batches
from dlrun.data.feed import Feed
from dlrun.nn.layer import Clock
from dlrun.nn.network import Network
from dlrun.nn.plan import Plan
from dlrun.nn.threads import quiet


def estimate(network: Network, batches: Batches, seed: int, memory: Array) -> None:
    """Set the running statistics of a network to their mean over the training part.

    One pass forward as in training, in an order of its own, epoch 0; a batch weighs as much as it
    has samples, and a last one of a single sample is left out.  Does nothing where the network has
    no such statistics.

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
    mean, seen = np.zeros(len(statistics)), 0
    few = batches.last_size == 1 < batches.full_size
    with quiet(), Feed(batches, seed, epochs=0) as feed:
        for step in range(batches.steps - few):
            plan = plans[batches.size(step)]
            feed.fill(0, step, plan.input, unused[: plan.batch])
            clock.step = step + 1
            plan.forward()
            seen += plan.batch
            mean += plan.batch / seen * (statistics - mean)
    np.copyto(statistics, mean, casting="same_kind")
