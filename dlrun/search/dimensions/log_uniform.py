"""Positive real numbers on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, FiniteFloat

from dlrun.search.dimensions.base import Dimension, Rising, dimension
from dlrun.search.dimensions.uniform import is_number


def _positive(ends: tuple[float, float]) -> tuple[float, float]:
    if min(ends) <= 0:
        raise ValueError("must be above 0 to have a logarithm")
    return ends


@dimension("log_uniform")
class LogUniform(Dimension):
    """Log-uniform: any number between two ends, on a logarithmic scale.

    Every decade is equally likely.  Values are rounded to six digits, so that they are short to
    read and to type.
    """

    ends: Annotated[tuple[FiniteFloat, FiniteFloat], Rising, AfterValidator(_positive)]
    """Both ends, the lower first; above 0."""

    @property
    def size(self) -> None:
        """None: real numbers."""
        return

    def contains(self, value: Any) -> bool:
        """Whether it is a number in the range."""
        return is_number(value) and self.ends[0] <= value <= self.ends[1]

    def at(self, position: float) -> float:
        """low (high / low)^position."""
        low, high = map(math.log, self.ends)
        number = float(f"{math.exp(low + position * (high - low)):.6g}")
        return min(self.ends[1], max(self.ends[0], number))

    def position(self, value: Any) -> float:
        """log(value / low) / log(high / low)."""
        low, high = map(math.log, self.ends)
        return (math.log(value) - low) / (high - low)

    def grid(self, points: int) -> Sequence[float]:
        """Equal ratios including both ends; a single point is the middle."""
        if points == 1:
            return [self.at(0.5)]
        return [self.at(step / (points - 1)) for step in range(points)]
