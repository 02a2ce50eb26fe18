"""The batch of each step, prepared while the previous step is computed."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

import numpy as np

from dlrun.arrays import Array
from dlrun.data.batches.order import Batches, visits
from dlrun.data.samples import Lazy

_WORTH_A_THREAD = 1 << 18
"""Batches of lazy samples of this many bytes or more are prepared on a separate thread."""


Make = Callable[[int, Array, Array, Array], None]
"""Writes samples of an epoch: (epoch, visits, inputs, targets); see ``order.visits``."""


class Feed:
    """Fills the arrays of a step while a thread prepares the batch of the next step.

    A batch depends only on seed, epoch and step, so it is the same whichever thread prepares it; a
    step other than the next one is prepared when it is requested.  Samples in memory are always
    gathered on request: that takes hardly longer than copying a batch that a thread prepared.
    Use it as a context manager; its thread ends with the block.

    Args:
        batches: the training set.
        seed: the run's seed.
        epochs: the maximum number of epochs.
        make: writes samples that differ from epoch to epoch; None takes them unchanged.
    """

    def __init__(self, batches: Batches, seed: int, epochs: int, make: Make | None = None) -> None:
        self._batches, self._seed, self._epochs, self._write = batches, seed, epochs, make
        self._order: tuple[int, Array] = (-1, np.empty(0, np.int64))
        self._thread: ThreadPoolExecutor | None = None
        self._next = (0, 0)
        self._made: Future[None] | None = None
        self._inputs, self._targets = np.empty(0), np.empty(0)
        if make is not None or _worth_a_thread(batches):
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="batches")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the thread."""
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)

    def fill(self, epoch: int, step: int, inputs: Array, targets: Array) -> None:
        """Write the batch of a step.

        Args:
            epoch: counts from 1; 0 is an order for passes other than training epochs.
            step: counts from 0 in the epoch.
            inputs: (b, *sample shape), contiguous; b is the size of the batch.
            targets: (b,) or (b, outputs).

        Raises:
            DataError: samples can no longer be read.
        """
        made, self._made = self._made, None
        if made is not None:
            made.result()
        if made is not None and self._next == (epoch, step):
            np.copyto(inputs, self._inputs[: len(inputs)])
            np.copyto(targets, self._targets[: len(targets)])
        else:
            self._make(epoch, step, inputs, targets)
        if self._thread is not None:
            last = step + 1 == self._batches.steps
            self._next = (epoch + 1, 0) if last else (epoch, step + 1)
            if self._next[0] <= self._epochs:
                if not len(self._inputs):
                    size = self._batches.full_size
                    self._inputs = np.empty((size, *inputs.shape[1:]), inputs.dtype)
                    self._targets = np.empty((size, *targets.shape[1:]), targets.dtype)
                try:
                    self._made = self._thread.submit(self._make_ahead, *self._next)
                except RuntimeError:  # the system starts no more threads
                    self._thread = None

    def _make_ahead(self, epoch: int, step: int) -> None:
        size = self._batches.size(step)
        self._make(epoch, step, self._inputs[:size], self._targets[:size])

    def _make(self, epoch: int, step: int, inputs: Array, targets: Array) -> None:
        """A batch, which depends only on its epoch and step."""
        if self._order[0] != epoch:
            order = self._batches.order(self._seed, epoch)
            if self._write is not None and self._batches.data.drawn_evenly is not None:
                order = visits(order, len(self._batches.data))
            self._order = (epoch, order)
        rows = self._batches.rows(self._order[1], step)
        if self._write is None:
            self._batches.gather(rows, inputs, targets)
        else:
            self._write(epoch, rows, inputs, targets)


def _worth_a_thread(batches: Batches) -> bool:
    data = batches.data
    if not isinstance(data.inputs, Lazy) and not isinstance(data.targets, Lazy):
        return False
    return 4 * batches.full_size * math.prod(data.sample_shape) >= _WORTH_A_THREAD
