"""One of several values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field

from dlrun.arrays import Array
from dlrun.search.dimensions.base import Dimension, dimension
from dlrun.search.dimensions.uniform import is_number
from dlrun.search.suggestion import identity, thawed
from dlrun.spec.nodes import show


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    seen = set()
    for value in values:
        if identity(value) in seen:
            raise ValueError(f"names {show(value)} twice")
        seen.add(identity(value))
    return values


@dimension("choice")
class Choice(Dimension):
    """One of a list of values: numbers, words, or whole blocks of a spec. A bare list is short.

    Numbers are taken in their order, so that a search learns from 64 about 128; other values are
    as different from one another as can be.
    """

    values: Annotated[tuple[Any, ...], Field(min_length=1), AfterValidator(_distinct)]
    """What to choose from."""

    @property
    def size(self) -> int:
        """As many as are listed."""
        return len(self.values)

    @property
    def ordered(self) -> bool:
        """Whether all are numbers."""
        return self.numeric

    @property
    def numeric(self) -> bool:
        """Whether all are numbers."""
        return all(map(is_number, self.values))

    def contains(self, value: Any) -> bool:
        """Whether it is listed."""
        return identity(value) in map(identity, self.values)

    def at(self, position: float) -> Any:
        """Every value has as many positions as any other."""
        return thawed(self._sorted()[min(self.size - 1, int(position * self.size))])

    def position(self, value: Any) -> float:
        """The middle of its positions."""
        return (list(map(identity, self._sorted())).index(identity(value)) + 0.5) / self.size

    def snap(self, positions: Array) -> Array:
        """The middles of the values' positions."""
        index = np.clip(np.floor(positions * self.size), 0, self.size - 1)
        return np.asarray((index + 0.5) / self.size)

    def grid(self, points: int) -> Sequence[Any]:
        """All of them, as listed."""
        return [thawed(value) for value in self.values]

    def _sorted(self) -> Sequence[Any]:
        if not self.ordered:
            return self.values
        return sorted(self.values, key=lambda value: (math.isnan(value), value))
