"""Texts of alike lengths in one batch, so that few of its steps are padding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.vocabulary import PADDING


@dataclass(frozen=True, slots=True)
class Buckets:
    """The lengths that batches are cut to, and which of them each sample needs.

    Attributes:
        ends: lengths, rising; the last is that of all samples, padding included.
        needed: (n,) int64, the place in ``ends`` of the least length that holds a sample whole.
    """

    ends: tuple[int, ...]
    needed: Array

    @classmethod
    def of(cls, inputs: Array, count: int) -> Buckets:
        """Lengths of which each is needed by about as many samples.

        Args:
            inputs: (n, length), padding behind the tokens of each.
            count: of lengths, at most; fewer where samples are of few lengths.
        """
        own = lengths(inputs)
        shares = np.arange(1, count) / count
        inner = np.quantile(own, shares, method="higher").tolist()
        ends = tuple(sorted({*inner, inputs.shape[1]}))
        return cls(ends, np.searchsorted(ends, own))

    def arranged(self, order: Array, size: int, random: np.random.Generator) -> Array:
        """An epoch's order in which each batch is of alike lengths; (n,), the same rows.

        Samples of a length stay in the order in which they come.  What is left of them, when they
        fall into batches, goes with those of the next length; only the last batch, of what needs
        the greatest, may be smaller than the others.  All but that one are shuffled.

        Args:
            order: (n,) rows, some of which may come twice and others not at all.
            size: of a batch.
            random: shuffles the batches.
        """
        by_length = order[np.argsort(self.needed[order], kind="stable")]
        whole = len(order) // size
        batches = by_length[: whole * size].reshape(whole, size)
        return np.concatenate([random.permutation(batches).ravel(), by_length[whole * size :]])

    def end(self, inputs: Array) -> int:
        """The least of the lengths that holds all samples of a batch (b, length) whole."""
        return self.ends[int(np.searchsorted(self.ends, lengths(inputs).max()))]


def lengths(inputs: Array) -> Array:
    """Tokens up to the padding at the end of each sample, at least 1: (n, length) -> (n,) int64."""
    tokens = inputs != PADDING
    last = inputs.shape[1] - np.argmax(tokens[:, ::-1], axis=1)
    return np.where(tokens.any(axis=1), last, 1)
