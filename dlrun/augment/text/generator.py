"""The random numbers of one text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from dlrun.rng import mix

T = TypeVar("T")


class Generator:
    """A random generator that depends only on a key: each number is the previous one, mixed.

    Every text has its own, so the number of draws for one text does not affect any other.

    Args:
        key: 64 well-mixed bits.
    """

    def __init__(self, key: int) -> None:
        self._bits = key

    def bits(self) -> int:
        """64 random bits."""
        self._bits = mix(self._bits)
        return self._bits

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """``low`` up to ``high``; exactly ``low`` if both are equal."""
        return low + (high - low) * (self.bits() >> 11) * 2.0**-53

    def chance(self, probability: float) -> bool:
        """True with the given probability; 0 is never and 1 always."""
        return self.uniform() < probability

    def below(self, count: int) -> int:
        """0 up to, not including, ``count``, which is at least 1."""
        return self.bits() * count >> 64

    def one(self, of: Sequence[T]) -> T:
        """A random element."""
        return of[self.below(len(of))]

    def some(self, of: Sequence[T], count: int) -> list[T]:
        """``count`` elements, or all if there are fewer, in random order (Fisher & Yates 1938)."""
        left = list(of)
        for place in range(min(count, len(left))):
            other = place + self.below(len(left) - place)
            left[place], left[other] = left[other], left[place]
        return left[:count]

    def share(self, low: float, high: float, of: int) -> int:
        """A random fraction of ``of`` elements, randomly rounded, so that the mean is exact."""
        return int(self.uniform(low, high) * of + self.uniform())
