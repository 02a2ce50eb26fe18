"""Gradients of several batches, made one."""

from __future__ import annotations

from functools import partial

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.arena import aligned_zeros
from dlrun.nn.network import Network
from dlrun.nn.pieces import cut
from dlrun.nn.state import State, put

_PIECE = 64 * 1024
"""Gradients that are worth handing to another thread."""


class Accumulator:
    """Adds up the gradients of batches, each as heavy as it has samples, or valid steps.

    So the mean is that of all of them, as it would be of one large batch.

    Attributes:
        total: samples times gradients so far; as long as the gradients.
        samples: how many; 0 after ``release``.
    """

    def __init__(self, network: Network) -> None:
        self._grads = network.parameters.grads
        size = len(self._grads)
        self.total: Array = aligned_zeros(size, self._grads.dtype.name)
        self.samples = 0
        self._rows = 0
        accumulate = network.kernels.gradient.accumulate

        def add(piece: slice) -> None:
            accumulate(self.total[piece], self._grads[piece], self._rows)

        self._add = network.pool.each([partial(add, piece) for piece in cut(size, size, _PIECE)])

    def add(self, samples: int) -> None:
        """Take in the gradients of a batch of so many samples."""
        self._rows = samples
        self._add()
        self.samples += samples

    def state(self) -> State:
        """The gradients that wait."""
        return {"total": self.total, "samples": np.asarray(self.samples)}

    def restore(self, state: State) -> None:
        """Go on with them."""
        put(self.total, state["total"])
        self.samples = state["samples"].item()

    def release(self) -> None:
        """Put the mean where the gradients are, and begin anew."""
        np.divide(self.total, max(self.samples, 1), out=self._grads)
        self.total[...] = 0.0
        self.samples = 0
