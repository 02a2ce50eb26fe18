"""A value that the search does not change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlrun.arrays import Array
from dlrun.search.dimensions.base import Dimension, dimension
from dlrun.search.dimensions.uniform import is_number
from dlrun.search.suggestion import identity, thawed


@dimension("fixed")
class Fixed(Dimension):
    """Always the same value, whatever the spec contains."""

    value: Any
    """The value; write a mapping as ``fixed: {value: {...}}``."""

    @property
    def size(self) -> int:
        """1."""
        return 1

    @property
    def ordered(self) -> bool:
        """True, as for any single value."""
        return True

    @property
    def numeric(self) -> bool:
        """Whether it is a number."""
        return is_number(self.value)

    def contains(self, value: Any) -> bool:
        """Whether it is the value."""
        return identity(value) == identity(self.value)

    def at(self, position: float) -> Any:
        """The value."""
        return thawed(self.value)

    def position(self, value: Any) -> float:
        """The middle of [0, 1]."""
        return 0.5

    def snap(self, positions: Array) -> Array:
        """The middle of [0, 1]."""
        return np.full_like(positions, 0.5)

    def moved(self, value: Any, step: float) -> Any:
        """The value."""
        return thawed(self.value)

    def grid(self, points: int) -> Sequence[Any]:
        """The value."""
        return [thawed(self.value)]
