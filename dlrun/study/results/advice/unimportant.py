"""Keys whose values do not matter for the objectives."""

from __future__ import annotations

from collections.abc import Mapping

from dlrun.search.importance import Importance

FEWEST = 30
"""Minimum number of trials with a score."""
_NONE, _SMALL = 0.005, 0.1
"""Ends of the interval up to which a key does not matter; the lower one is shown as 0.00."""


def unimportant(shares: Mapping[str, Mapping[str, Importance]]) -> list[str]:
    """The keys that matter for no objective.

    The interval of a key's importance has to begin at 0.00 and end at 0.10 or below, for every
    objective.

    Args:
        shares: importance by objective and key, of at least ``FEWEST`` trials; an objective whose
            keys are unknown proves nothing.
    """
    if not all(shares.values()):
        return []
    first, *others = shares.values()
    return [key for key in first if all(_is_small(each.get(key)) for each in (first, *others))]


def _is_small(found: Importance | None) -> bool:
    return found is not None and found.low < _NONE and found.high <= _SMALL
