"""The order of samples in an epoch, and its division into batches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.samples import gather
from dlrun.rng import Stream, generator


def epoch_order(samples: int, seed: int, epoch: int) -> Array:
    """The order of the samples in an epoch: a permutation, (samples,) int64."""
    return generator(seed, Stream.ORDER, epoch).permutation(samples)


def even_order(codes: Array, seed: int, epoch: int) -> Array:
    """An order in which every class is equally frequent: (n,) rows, some repeated, some absent.

    The counts of the classes in an epoch differ by at most 1, and so do the counts of the samples
    of a class over many epochs: each class passes through its samples again and again, every time
    in another order, and an epoch continues where the previous one stopped.

    Args:
        codes: (n,) int64, the class of each sample.
        seed: the run's seed.
        epoch: counts from 1; 0 is an order for passes other than training epochs.
    """
    samples = len(codes)
    _, sizes = np.unique(codes, return_counts=True)
    classes = np.split(np.argsort(codes, kind="stable"), np.cumsum(sizes)[:-1])
    chosen = []
    for number, rows in enumerate(classes):
        # The sum over classes of floor((x + number) / classes) is x (Hermite's identity).
        start, stop = ((each * samples + number) // len(classes) for each in (epoch, epoch + 1))
        first, last = start // len(rows), (stop - 1) // len(rows)
        draws = (generator(seed, Stream.ORDER, turn, number + 1) for turn in (first, last))
        ends = [rows[draw.permutation(len(rows))] for draw in draws]
        # The rounds between them are taken whole, so their order does not matter.
        between = np.tile(rows, max(0, last - first - 1))
        turns = [ends[0], between, ends[1]] if last > first else ends[:1]
        begun = first * len(rows)
        chosen.append(np.concatenate(turns)[start - begun : stop - begun])
    return np.concatenate(chosen)[epoch_order(samples, seed, epoch)]


def visits(order: Array, samples: int) -> Array:
    """A unique number for each visit to a row in an epoch, (n,) int64.

    It is the row, plus ``samples`` for every earlier visit to the same row.

    Args:
        order: (n,) rows.
        samples: the number of samples in the data set.
    """
    by_row = np.argsort(order, kind="stable")
    ordered = order[by_row]
    first = np.searchsorted(ordered, ordered)
    numbered = order.copy()
    numbered[by_row] += samples * (np.arange(len(order)) - first)
    return numbered


@dataclass(frozen=True, slots=True)
class Batches:
    """A data set in batches of one size; the last batch has the remaining samples.

    Attributes:
        data: at least one sample.
        batch_size: requested samples per batch.
    """

    data: Dataset
    batch_size: int

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return -(-len(self.data) // self.batch_size)

    @property
    def full_size(self) -> int:
        """Samples in every batch except the last."""
        return min(self.batch_size, len(self.data))

    @property
    def last_size(self) -> int:
        """Samples in the last batch, 1 to ``full_size``."""
        return len(self.data) - (self.steps - 1) * self.full_size

    def order(self, seed: int, epoch: int) -> Array:
        """The rows of an epoch in order, (samples,) int64."""
        codes, buckets = self.data.drawn_evenly, self.data.buckets
        order = (
            epoch_order(len(self.data), seed, epoch)
            if codes is None
            else even_order(codes, seed, epoch)
        )
        if buckets is None:
            return order
        return buckets.arranged(order, self.batch_size, generator(seed, Stream.BUCKETS, epoch))

    def size(self, step: int) -> int:
        """Samples in a step's batch; steps count from 0."""
        return self.last_size if step + 1 == self.steps else self.full_size

    def rows(self, order: Array, step: int) -> Array:
        """The rows of a step's batch in an epoch's order; steps count from 0."""
        return order[step * self.batch_size : (step + 1) * self.batch_size]

    def gather(self, rows: Array, inputs: Array, targets: Array) -> None:
        """Write the samples at ``rows`` into arrays of that many samples.

        Nothing is allocated for samples in memory.

        Args:
            rows: (b,) int64, valid rows.
            inputs: (b, *sample shape), of the dtype of the data's inputs.
            targets: (b,) or (b, outputs), of the dtype of the data's targets.
        """
        gather(self.data.inputs, rows, inputs)
        gather(self.data.targets, rows, targets)
