"""Best values at an end of their dimension, beyond which better ones are possible."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from dlrun.search.dimensions.base import Dimension
from dlrun.search.space import Space
from dlrun.search.suggestion import identity
from dlrun.spec.nodes import show

_NEAR = 0.01
"""Fraction of a range that counts as its end."""
_FEWEST = 3
"""Minimum number of evaluated values for one of them to count as an end."""


def edges(
    space: Space, best: Mapping[str, Any], evaluated: Iterable[Mapping[str, Any]]
) -> list[str]:
    """The keys whose best value is at an end, each with that value and both ends.

    Args:
        space: the search space.
        best: the values of the best trial.
        evaluated: the values of all trials.
    """
    suggestions = list(evaluated)
    found = []
    for key, value in best.items():
        dimension = space.dimensions[key]
        values = {identity(each[key]) for each in suggestions if key in each}
        if not dimension.numeric or len(values) < _FEWEST:
            continue
        low, high = dimension.at(0.0), dimension.at(1.0)
        if not math.isfinite(low) or not math.isfinite(high):
            continue
        if value in (low, high) or _near(dimension, value):
            found.append(f"{key} {show(value)} ({show(low)} to {show(high)})")
    return found


def _near(dimension: Dimension, value: Any) -> bool:
    real = dimension.size is None
    return real and not _NEAR <= dimension.position(value) <= 1 - _NEAR
