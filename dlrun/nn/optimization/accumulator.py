"""Gradient accumulation over several batches."""

from __future__ import annotations

from functools import partial

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.engine.aligned import aligned_zeros
from dlrun.nn.engine.network import Network
from dlrun.nn.parallel.partition import cut
from dlrun.nn.state import State, put

_PIECE = 64 * 1024
"""Smallest number of gradients for which another thread pays off."""


class Accumulator:
    """Sums the gradients of batches, weighted by their samples, or valid steps.

    So the mean is that of one large batch with all samples.

    Attributes:
        total: sum of samples times gradients, of the gradients' shape.
        samples: their number; 0 after ``release``.
    """

    def __init__(self, network: Network) -> None:
        self._grads = grads = network.parameters.grads
        size = len(grads)
        self.total: Array = aligned_zeros(size, grads.dtype.name)
        self.samples = 0
        self._rows = [0]
        # Without ``self``, which would be part of a cycle and keep its memory after the training.
        accumulate, total, rows = network.kernels.gradient.accumulate, self.total, self._rows

        def add(piece: slice) -> None:
            accumulate(total[piece], grads[piece], rows[0])

        self._add = network.pool.each([partial(add, piece) for piece in cut(size, size, _PIECE)])

    def add(self, samples: int) -> None:
        """Add the gradients of a batch of so many samples."""
        self._rows[0] = samples
        self._add()
        self.samples += samples

    def state(self) -> State:
        """The accumulated gradients."""
        return {"total": self.total, "samples": np.asarray(self.samples)}

    def restore(self, state: State) -> None:
        """Continue from saved gradients."""
        put(self.total, state["total"])
        self.samples = state["samples"].item()

    def release(self) -> None:
        """Write the mean to the network's gradients, and start again from 0."""
        np.divide(self.total, max(self.samples, 1), out=self._grads)
        self.total[...] = 0.0
        self.samples = 0
