"""Values that a user writes, as a search would suggest them."""

from __future__ import annotations

from typing import Any

from dlrun.search.dimensions.base import Dimension
from dlrun.search.dimensions.uniform import is_number


def taken(dimension: Dimension, value: Any) -> Any:
    """A number as the dimension would suggest it; any other value as it is.

    That is 16 for 16.0 where it has integers, and 1.0 for 1 where it has real numbers: trials
    with different texts of their values are different trials.

    Args:
        dimension: whose value it is meant to be.
        value: as written; one that the dimension does not have is returned as it is.
    """
    if not is_number(value):
        return value
    try:
        real = float(value)
    except OverflowError:  # an integer that no range has
        return value
    same = [real]
    if dimension.size is not None:
        same = [value, real, *([int(value)] if real.is_integer() else [])]
    return next((each for each in same if dimension.contains(each)), value)
