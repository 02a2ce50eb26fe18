"""One of several values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field, PrivateAttr

from dlrun.arrays import Array
from dlrun.search.dimensions.base import Dimension, dimension
from dlrun.search.dimensions.uniform import is_number
from dlrun.search.suggestion import identity, thawed
from dlrun.spec.flow import show


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    seen = set()
    for value in values:
        if identity(value) in seen:
            raise ValueError(f"names {show(value)} twice")
        seen.add(identity(value))
    return values


@dimension("choice")
class Choice(Dimension):
    """One of a list of values: numbers, words, or whole blocks of a spec; short: a bare list.

    If all values are numbers, their order counts, so the search learns from 64 about 128; other
    values are all equally different.
    """

    values: Annotated[tuple[Any, ...], Field(min_length=1), AfterValidator(_distinct)]
    """The values to choose from."""

    _ranks: dict[str, int] = PrivateAttr(default_factory=dict)

    @property
    def size(self) -> int:
        """The length of the list."""
        return len(self.values)

    @property
    def ordered(self) -> bool:
        """Whether all values are numbers."""
        return self.numeric

    @property
    def numeric(self) -> bool:
        """Whether all values are numbers."""
        return all(map(is_number, self.values))

    def contains(self, value: Any) -> bool:
        """Whether it is listed."""
        return identity(value) in map(identity, self.values)

    def at(self, position: float) -> Any:
        """Every value has an equal range of positions."""
        return thawed(self._sorted()[min(self.size - 1, int(position * self.size))])

    def position(self, value: Any) -> float:
        """The middle of its positions."""
        if not self._ranks:  # bayes asks for all values of all suggestions before every trial
            self._ranks.update({identity(each): rank for rank, each in enumerate(self._sorted())})
        return (self._ranks[identity(value)] + 0.5) / self.size

    def snap(self, positions: Array) -> Array:
        """The middles of the values' positions."""
        index = np.clip(np.floor(positions * self.size), 0, self.size - 1)
        return np.asarray((index + 0.5) / self.size)

    def moved(self, value: Any, step: float) -> Any:
        """The next larger or smaller number; other values have no order, and stay."""
        if not self.ordered or self.size == 1:
            return value
        values = self._sorted()
        place = next(n for n, each in enumerate(values) if identity(each) == identity(value))
        sign = 1 if step > 0 else -1
        return values[place + sign if 0 <= place + sign < self.size else place - sign]

    def grid(self, points: int) -> Sequence[Any]:
        """All values, as listed."""
        return [thawed(value) for value in self.values]

    def _sorted(self) -> Sequence[Any]:
        if not self.ordered:
            return self.values
        return sorted(self.values, key=lambda value: (math.isnan(value), value))
