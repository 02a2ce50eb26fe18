"""The random numbers of one text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

_WORD = (1 << 64) - 1

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
        # ``dlrun.rng.mix``, without the call: an augmented text takes dozens of numbers.
        state = (self._bits + 0x9E37_79B9_7F4A_7C15) & _WORD
        state = ((state ^ (state >> 30)) * 0xBF58_476D_1CE4_E5B9) & _WORD
        state = ((state ^ (state >> 27)) * 0x94D0_49BB_1331_11EB) & _WORD
        self._bits = state = state ^ (state >> 31)
        return state

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """``low`` up to ``high``; exactly ``low`` if both are equal."""
        return low + (high - low) * (self.bits() >> 11) * 2.0**-53

    def chance(self, probability: float) -> bool:
        """True with the given probability; 0 is never and 1 always."""
        return self.uniform() < probability

    def hits(self, count: int, probability: float) -> list[int]:
        """Which of so many independent chances come true, ascending."""
        least, bits = probability * 2.0**53, self.bits
        return [number for number in range(count) if bits() >> 11 < least]

    def below(self, count: int) -> int:
        """0 up to, not including, ``count``, which is at least 1."""
        return self.bits() * count >> 64

    def one(self, of: Sequence[T]) -> T:
        """A random element."""
        return of[self.below(len(of))]

    def some(self, of: Sequence[T], count: int) -> list[T]:
        """``count`` elements, or all if there are fewer, in random order (Fisher & Yates 1938).

        The time depends on ``count`` alone, because only elements that moved are stored.
        """
        size, bits, found = len(of), self.bits, []
        moved: dict[int, int] = {}
        for place in range(min(count, size)):
            other = place + (bits() * (size - place) >> 64)
            found.append(of[moved.get(other, other)])
            moved[other] = moved.get(place, place)
        return found

    def share(self, low: float, high: float, of: int) -> int:
        """A random fraction of ``of`` elements, randomly rounded, so that the mean is exact."""
        return int(self.uniform(low, high) * of + self.uniform())
