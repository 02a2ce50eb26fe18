"""Uniformly distributed real numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dlrun.search.dimensions.base import Dimension, Range, dimension


def is_number(value: Any) -> bool:
    """Whether a value is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


@dimension("uniform")
class Uniform(Dimension):
    """Uniform: any number between two ends, all equally likely.

    Values are rounded to a millionth of the range, so that they are short to read and to type.
    """

    ends: Range
    """Both ends, the lower first."""

    @property
    def size(self) -> None:
        """None: real numbers."""
        return

    def contains(self, value: Any) -> bool:
        """Whether it is a number in the range."""
        return is_number(value) and self.ends[0] <= value <= self.ends[1]

    def at(self, position: float) -> float:
        """low + position (high - low)."""
        low, high = self.ends
        digits = 6 - math.floor(math.log10(high - low))
        return min(high, max(low, round(low + position * (high - low), digits)))

    def position(self, value: Any) -> float:
        """(value - low) / (high - low)."""
        low, high = self.ends
        return (float(value) - low) / (high - low)

    def grid(self, points: int) -> Sequence[float]:
        """Equal steps including both ends; a single point is the middle."""
        if points == 1:
            return [self.at(0.5)]
        return [self.at(step / (points - 1)) for step in range(points)]
