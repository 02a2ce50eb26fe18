"""The plans of a training: one for each batch size and each length of texts."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.data.batches.feed import Feed
from dlrun.data.batches.order import Batches
from dlrun.data.samples import Samples
from dlrun.nn.engine.network import Network
from dlrun.nn.engine.plan import Plan
from dlrun.nn.graph.bound import Clock


class Plans:
    """All plans, which share the memory of the largest.

    Args:
        network: the one that is trained.
        batches: of the training set.
        like: targets of the form that a batch has.
        clock: the current epoch and step of training.

    Attributes:
        full: the plan of full batches of the largest length.
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
        if self._shorter:  # the inputs of the plans share their memory
            self._inputs = np.empty_like(self.full.input)

    def filled(self, feed: Feed, epoch: int, step: int) -> Plan:
        """The plan of a step with its batch filled in, cut to the smallest length that fits.

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
        """All lengths except the largest."""
        return () if self._buckets is None else self._buckets.ends[:-1]
