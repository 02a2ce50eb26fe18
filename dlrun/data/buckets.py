"""Length bucketing: texts of similar length in one batch, which then has little padding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.vocabulary import PADDING


@dataclass(frozen=True, slots=True)
class Buckets:
    """The lengths that batches are padded to, and which of them each sample needs.

    Attributes:
        ends: lengths, ascending; the last is the length of the input array.
        needed: (n,) int64, the index in ``ends`` of the smallest length that a sample fits in.
    """

    ends: tuple[int, ...]
    needed: Array

    @classmethod
    def of(cls, inputs: Array, count: int) -> Buckets:
        """Lengths that are each needed by about the same number of samples.

        Args:
            inputs: (n, length), tokens followed by padding.
            count: the maximum number of lengths; there are fewer if samples have few lengths.
        """
        own = lengths(inputs)
        shares = np.arange(1, count) / count
        inner = np.quantile(own, shares, method="higher").tolist()
        ends = tuple(sorted({*inner, inputs.shape[1]}))
        return cls(ends, np.searchsorted(ends, own))

    def arranged(self, order: Array, size: int, random: np.random.Generator) -> Array:
        """The rows of an epoch, reordered so that each batch has similar lengths, (n,).

        Samples of the same length keep their order.  Those that do not fill a batch share one with
        samples of the next length; only the last batch, of the longest samples, may be smaller
        than the others.  All batches except the last are shuffled.

        Args:
            order: (n,) rows, which may contain a row twice or not at all.
            size: of a batch.
            random: shuffles the batches.
        """
        by_length = order[np.argsort(self.needed[order], kind="stable")]
        whole = len(order) // size
        batches = by_length[: whole * size].reshape(whole, size)
        return np.concatenate([random.permutation(batches).ravel(), by_length[whole * size :]])

    def end(self, inputs: Array) -> int:
        """The smallest of the lengths that all samples of a batch (b, length) fit in."""
        return self.ends[int(np.searchsorted(self.ends, lengths(inputs).max()))]


def lengths(inputs: Array) -> Array:
    """Tokens up to the padding at the end of each sample, at least 1: (n, length) -> (n,) int64."""
    tokens = inputs != PADDING
    last = inputs.shape[1] - np.argmax(tokens[:, ::-1], axis=1)
    return np.where(tokens.any(axis=1), last, 1)
