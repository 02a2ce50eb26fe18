"""An epoch's order, and the batches that it falls into."""

from __future__ import annotations

from dataclasses import dataclass

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.samples import gather
from dlrun.rng import Stream, generator


def epoch_order(samples: int, seed: int, epoch: int) -> Array:
    """The order in which an epoch visits the samples: a permutation, (samples,) int64."""
    return generator(seed, Stream.ORDER, epoch).permutation(samples)


@dataclass(frozen=True, slots=True)
class Batches:
    """A data set in batches of one size, and a last one of what is left; nothing is dropped.

    Attributes:
        data: at least one sample.
        batch_size: samples asked for in a batch.
    """

    data: Dataset
    batch_size: int

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return -(-len(self.data) // self.batch_size)

    @property
    def full_size(self) -> int:
        """Samples in every batch but the last."""
        return min(self.batch_size, len(self.data))

    @property
    def last_size(self) -> int:
        """Samples in the last batch, 1 to ``full_size``."""
        return len(self.data) - (self.steps - 1) * self.full_size

    def size(self, step: int) -> int:
        """Samples in a step's batch; steps count from 0."""
        return self.last_size if step + 1 == self.steps else self.full_size

    def rows(self, order: Array, step: int) -> Array:
        """The part of an epoch's order that makes up a step's batch; steps count from 0."""
        return order[step * self.batch_size : (step + 1) * self.batch_size]

    def gather(self, rows: Array, inputs: Array, targets: Array) -> None:
        """Write the samples at ``rows`` into arrays of their number.

        Nothing is allocated for samples in memory.

        Args:
            rows: (b,) int64, valid rows.
            inputs: (b, *sample shape), the type of the data's inputs.
            targets: (b,) or (b, outputs), the type of the data's targets.
        """
        gather(self.data.inputs, rows, inputs)
        gather(self.data.targets, rows, targets)
