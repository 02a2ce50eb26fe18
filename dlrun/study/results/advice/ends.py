"""Best values at an end of their dimension, beyond which better ones are possible."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dlrun.search.dimensions.base import Dimension
from dlrun.search.suggestion import identity

_NEAR = 0.01
"""Fraction of a range that counts as its end."""
_FEWEST = 3
"""Minimum number of evaluated values for one of them to count as an end."""


@dataclass(frozen=True, slots=True)
class End:
    """An end of a dimension.

    Attributes:
        upper: which of the two.
        value: the last value there.
    """

    upper: bool
    value: Any

    @property
    def name(self) -> str:
        """Upper or lower end, with its value."""
        return "upper end" if self.upper else "lower end"


def end_of(dimension: Dimension, best: Any, evaluated: Iterable[Any]) -> End | None:
    """The end of a dimension at which the best value is; None if it is at neither.

    Args:
        dimension: of a key.
        best: its value in the best trial.
        evaluated: its values in all trials.
    """
    if not dimension.numeric or len({identity(value) for value in evaluated}) < _FEWEST:
        return None
    low, high = dimension.at(0.0), dimension.at(1.0)
    if not math.isfinite(low) or not math.isfinite(high):
        return None
    real = dimension.size is None
    place = dimension.position(best)
    if best == high or (real and place > 1 - _NEAR):
        return End(upper=True, value=high)
    if best == low or (real and place < _NEAR):
        return End(upper=False, value=low)
    return None
