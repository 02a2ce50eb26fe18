"""Integers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Self

import numpy as np
from pydantic import model_validator

from dlrun.arrays import Array
from dlrun.search.dimensions.base import Dimension, Rising, dimension


@dimension("integer")
class Integer(Dimension):
    """Any integer between two ends, both included."""

    ends: Annotated[tuple[int, int], Rising]
    """Both ends, the lower first."""
    log: bool = False
    """Sample on a logarithmic scale: as many values from 8 to 16 as from 16 to 32."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.log and self.ends[0] < 1:
            raise ValueError(f"with 'log' the range must start at 1 or above, got {self.ends[0]}")
        if max(map(abs, self.ends)) >= 2**53:
            raise ValueError("the ends of the range must lie within 2^53")
        return self

    @property
    def size(self) -> int:
        """high - low + 1."""
        return self.ends[1] - self.ends[0] + 1

    def contains(self, value: Any) -> bool:
        """Whether it is an integer of the range."""
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and self.ends[0] <= value <= self.ends[1]

    def at(self, position: float) -> int:
        """Every integer has the positions from half below it to half above it."""
        return int(self._nearest(np.asarray(position)))

    def position(self, value: Any) -> float:
        """The relative position of the value between low - 1/2 and high + 1/2."""
        return float(self._position(np.asarray(value, np.float64)))

    def snap(self, positions: Array) -> Array:
        """The positions of the integers."""
        return self._position(self._nearest(positions))

    def moved(self, value: Any, step: float) -> int:
        """The integer at a distance, at least the next one."""
        low, high = self.ends
        new = self.at(min(1.0, max(0.0, self.position(value) + step)))
        if new != value:
            return new
        sign = 1 if step > 0 else -1
        return int(value + sign if low <= value + sign <= high else value - sign)

    def grid(self, points: int) -> Sequence[int]:
        """All integers; with ``log``, some at equal ratios."""
        low, high = self.ends
        if not self.log or self.size <= points:
            return range(low, high + 1)
        if points == 1:
            return [round(math.sqrt(low * high))]
        ratio = (high / low) ** (1 / (points - 1))
        # Near the lower end two steps can round to the same integer.
        return sorted({*(round(low * ratio**step) for step in range(points - 1)), high})

    def _ends(self) -> tuple[float, float]:
        low, high = self.ends[0] - 0.5, self.ends[1] + 0.5
        return (math.log(low), math.log(high)) if self.log else (low, high)

    def _nearest(self, position: Array) -> Array:
        low, high = self._ends()
        x = low + position * (high - low)
        return np.asarray(np.clip(np.rint(np.exp(x) if self.log else x), *self.ends))

    def _position(self, value: Array) -> Array:
        low, high = self._ends()
        return np.asarray(((np.log(value) if self.log else value) - low) / (high - low))
