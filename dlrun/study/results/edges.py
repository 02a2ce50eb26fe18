"""Values at the end of what was searched, beyond which better ones may lie."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from dlrun.search.dimensions.base import Dimension
from dlrun.search.space import Space
from dlrun.search.suggestion import identity
from dlrun.spec.nodes import show

_NEAR = 0.01
"""Part of a range that counts as its end."""
_FEWEST = 3
"""Values that must have been tried for one of them to lie at an end."""


def edges(space: Space, best: Mapping[str, Any], tried: Iterable[Mapping[str, Any]]) -> list[str]:
    """Each key of which the best trial has a value at an end, with that value and both ends.

    Args:
        space: that was searched.
        best: the values of the best trial.
        tried: those of all trials.
    """
    everybody = list(tried)
    found = []
    for key, value in best.items():
        dimension = space.dimensions[key]
        values = {identity(each[key]) for each in everybody if key in each}
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
