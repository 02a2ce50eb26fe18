"""The part of an axis where most values are; a single one that diverged would hide all others."""

from __future__ import annotations

import math
from collections.abc import Sequence

_FAR = 3.0
"""Values this many quartile distances from the quartiles are far outside (Tukey, 1977)."""
_WORTH = 5.0
"""How many times longer the axis must be with all values before some are left out."""


def focus(values: Sequence[float], *, log: bool) -> tuple[float, float] | None:
    """The ends of an axis that leaves out values far outside; None to show all.

    Args:
        values: finite ones.
        log: whether the axis is logarithmic.
    """
    places = sorted(map(math.log10, values) if log else values)
    if len(places) < 4:
        return None
    first, third = places[len(places) // 4], places[-1 - len(places) // 4]
    reach = _FAR * (third - first)
    inside = [each for each in places if first - reach <= each <= third + reach]
    low, high = inside[0], inside[-1]
    if low == high or places[-1] - places[0] < _WORTH * (high - low):
        return None
    margin = 0.05 * (high - low)
    ends = (low - margin, high + margin)
    return (10.0 ** ends[0], 10.0 ** ends[1]) if log else ends


def beyond(values: Sequence[float], ends: tuple[float, float] | None) -> str:
    """How many values the axis leaves out, as text; empty for none."""
    if ends is None:
        return ""
    count = sum(not ends[0] <= value <= ends[1] for value in values)
    return f"{count:,} {'value' if count == 1 else 'values'} beyond the axis"
