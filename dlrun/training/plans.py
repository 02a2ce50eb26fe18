"""The plans of a training: one for each size of batch, and for each length of its texts."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.data.batches import Batches
from dlrun.data.feed import Feed
from dlrun.data.samples import Samples
from dlrun.nn.layer import Clock
from dlrun.nn.network import Network
from dlrun.nn.plan import Plan


class Plans:
    """All of them, in the memory of the largest.

    Args:
        network: that is trained.
        batches: of the training part.
        like: targets of the kind that a batch has.
        clock: where training stands.

    Attributes:
        full: that of whole batches of the greatest length.
    """

    def __init__(self, network: Network, batches: Batches, like: Samples, clock: Clock) -> None:
        self._batches, self._buckets = batches, batches.data.buckets
        self._plans: dict[tuple[int, int | None], Plan] = {}
        self._inputs: Array | None = None
        memory: Array | None = None
        for size in dict.fromkeys((batches.full_size, batches.last_size)):
            targets = np.empty((size, *like.shape[1:]), like.dtype)
            for length in (None, *self._shorter):
                plan = network.training_plan(size, targets, clock, memory, length)
                self._plans[size, length] = plan
                memory = plan.memory
        self.full = self._plans[batches.full_size, None]
        if self._shorter:  # the inputs of the plans lie in one place
            self._inputs = np.empty_like(self.full.input)

    def filled(self, feed: Feed, epoch: int, step: int) -> Plan:
        """The plan of a step with its batch in it, cut to the least length that holds it whole.

        Raises:
            DataError: samples cannot be read any more.
        """
        size = self._batches.size(step)
        plan = self._plans[size, None]
        if self._buckets is None or self._inputs is None:
            feed.fill(epoch, step, plan.input, plan.targets)
            return plan
        inputs = self._inputs[:size]
        feed.fill(epoch, step, inputs, plan.targets)
        end = self._buckets.end(inputs)
        if end in self._shorter:
            plan = self._plans[size, end]
        np.copyto(plan.input, inputs[:, :end])
        return plan

    @property
    def _shorter(self) -> tuple[int, ...]:
        """Lengths below the greatest."""
        return () if self._buckets is None else self._buckets.ends[:-1]
