"""A value that a search does not change."""

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
    """Always the same value, whatever the spec says."""

    value: Any
    """The value; a mapping is written ``fixed: {value: {...}}``."""

    @property
    def size(self) -> int:
        """One."""
        return 1

    @property
    def ordered(self) -> bool:
        """As any single value."""
        return True

    @property
    def numeric(self) -> bool:
        """Whether it is a number."""
        return is_number(self.value)

    def contains(self, value: Any) -> bool:
        """Whether it is the one."""
        return identity(value) == identity(self.value)

    def at(self, position: float) -> Any:
        """The value."""
        return thawed(self.value)

    def position(self, value: Any) -> float:
        """The middle of all."""
        return 0.5

    def snap(self, positions: Array) -> Array:
        """The middle of all."""
        return np.full_like(positions, 0.5)

    def grid(self, points: int) -> Sequence[Any]:
        """The value."""
        return [thawed(self.value)]
