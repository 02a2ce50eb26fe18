"""An epoch's order, and the batches that it falls into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.rng import Stream, generator


@dataclass(frozen=True, slots=True)
class Batches:
    """A data set in batches of one size, and a last one of what is left; nothing is dropped.

    Attributes:
        data: at least one sample.
        batch_size: samples asked for in a batch.
        seed: the run's seed; the order of an epoch follows from it and the epoch's number.
    """

    data: Dataset
    batch_size: int
    seed: int

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return -(-len(self.data) // self.batch_size)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The different sizes of batches, the largest first: one or two."""
        full = min(self.batch_size, len(self.data))
        last = len(self.data) - (self.steps - 1) * full
        return (full,) if last == full else (full, last)

    def order(self, epoch: int) -> Array:
        """The order in which an epoch visits the samples: a permutation, (n,) int64."""
        return generator(self.seed, Stream.ORDER, epoch).permutation(len(self.data))

    def epoch(self, epoch: int) -> Iterator[Array]:
        """The rows of each batch of an epoch, (batch,) int64."""
        order = self.order(epoch)
        for start in range(0, len(order), self.batch_size):
            yield order[start : start + self.batch_size]

    def gather(self, rows: Array, inputs: Array, targets: Array) -> None:
        """Write the samples at ``rows`` into arrays of their number; nothing is allocated.

        Args:
            rows: (b,) int64, valid rows.
            inputs: (b, *sample shape), the type of the data's inputs.
            targets: (b,) or (b, outputs), the type of the data's targets.
        """
        # mode="raise" would go through a buffer of its own.
        np.take(self.data.inputs, rows, axis=0, out=inputs, mode="clip")
        np.take(self.data.targets, rows, axis=0, out=targets, mode="clip")
