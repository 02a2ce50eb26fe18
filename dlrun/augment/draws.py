"""The random numbers of an augmentation, per sample: independent of batches and threads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dlrun.arrays import Array, Shape
from dlrun.rng import Stream, keys, mixed

_ONE = np.float64(2.0**-53)
"""The distance between the numbers that ``uniform`` draws from."""
_PART = 1 << 13
"""Words of normal numbers that are made at a time, few enough for the processor's cache."""


class Draws:
    """Draws for each sample of a batch, always the same if made in the same order.

    Every call returns new numbers, from a sample's key and the number of previous calls.  So
    whether and how often an augmentation draws must not depend on the other samples' draws.

    Args:
        of: (n,) uint64, well mixed, one per sample.
    """

    def __init__(self, of: NDArray[np.uint64]) -> None:
        self._keys, self._calls = of, 0

    @classmethod
    def of(cls, seed: int, epoch: int, position: int, visits: Array) -> Draws:
        """The draws of an augmentation in an epoch.

        Args:
            seed: the run's.
            epoch: counts from 1.
            position: of the augmentation in the spec's list.
            visits: (n,) rows of the training set, or other indices for further visits to them.
        """
        return cls(keys(seed, Stream.AUGMENT, epoch, position, visits))

    def __len__(self) -> int:
        return len(self._keys)

    def bits(self, count: int = 1) -> Array:
        """(n, count) uint64, all bits random."""
        return mixed(self._keys[:, None] ^ self._numbers(count))

    def uniform(self, low: float = 0.0, high: float = 1.0) -> Array:
        """(n,) float64, ``low`` up to ``high``; exactly ``low`` if both are equal."""
        unit: Array = (self.bits()[:, 0] >> np.uint64(11)) * _ONE
        return low + (high - low) * unit

    def chance(self, probability: float) -> Array:
        """(n,) bool, true with the given probability; 0 is never and 1 always."""
        return np.asarray(self.uniform() < probability)

    def integers(self, count: int) -> Array:
        """(n,) int64, 0 up to, not including, ``count``."""
        return np.minimum((self.uniform() * count).astype(np.int64), count - 1)

    def beta(self, alpha: float) -> Array:
        """(n,) float64 from the symmetric beta distribution (Joehnk 1964).

        Args:
            alpha: both of its parameters; above 4, drawing would take long.
        """
        own = Draws(self.bits()[:, 0])  # the number of draws may differ between samples
        found, left = np.empty(len(self)), np.arange(len(self))
        while len(left):
            draws = own.some(left)
            with np.errstate(divide="ignore"):  # a draw of 0 does not stay the larger one for long
                x, y = (np.log(draws.uniform()) / alpha for _ in range(2))
            own._calls = draws._calls
            right = np.logaddexp(x, y) <= 0
            top = np.maximum(x, y)[right]
            x, y = np.exp(x[right] - top), np.exp(y[right] - top)
            found[left[right]] = x / (x + y)
            left = left[~right]
        return found

    def normal(self, shape: Shape) -> Array:
        """(n, *shape) float32 with mean 0 and standard deviation 1 (Box & Muller 1958)."""
        size = int(np.prod(shape))
        pairs = -(-size // 2)
        numbers = self._numbers(pairs)
        found = np.empty((len(self), 2 * pairs), np.float32)
        rows = max(1, _PART // max(1, pairs))
        for start in range(0, len(self), rows):
            part = slice(start, start + rows)
            bits = mixed(self._keys[part, None] ^ numbers)
            # Two of 32 bits per word; adding 1/2 keeps the logarithm's argument above 0.
            angle = bits.astype(np.uint32).astype(np.float32)
            angle *= np.float32(2.0**-32 * 2 * np.pi)
            radius = (bits >> np.uint64(32)).astype(np.float32)
            radius += np.float32(0.5)
            radius *= np.float32(2**-32)
            np.minimum(radius, np.float32(1 - 2.0**-24), out=radius)
            np.log(radius, out=radius)
            radius *= np.float32(-2)
            np.sqrt(radius, out=radius)
            np.multiply(radius, np.cos(angle), out=found[part, :pairs])
            np.multiply(radius, np.sin(angle), out=found[part, pairs:])
        return np.ascontiguousarray(found[:, :size]).reshape(len(self), *shape)

    def _numbers(self, count: int) -> NDArray[np.uint64]:
        """(count,) uint64 of the next call, the same for all samples."""
        numbers = np.arange(count, dtype=np.uint64) + np.uint64(self._calls << 32)
        self._calls += 1
        return mixed(numbers)

    def some(self, chosen: Array | slice) -> Draws:
        """The draws of chosen samples, continuing from the current state.

        Args:
            chosen: (n,) bool, rows, or a slice of them.
        """
        found = Draws(self._keys[chosen])
        found._calls = self._calls
        return found
