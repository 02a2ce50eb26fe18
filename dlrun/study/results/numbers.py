"""Scores, their intervals, settings and their keys as short text."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.intervals import Estimate
from dlrun.quantities import number
from dlrun.spec.short_keys import short_keys
from dlrun.study.sweep.cost import COSTS

_LONGEST_COUNT = 10_000_000
"""From here on, a count is written with four digits and an exponent."""


def interval(value: Estimate, confidence: float = 0.95) -> str:
    """``0.9731 (95 % interval 0.9650 to 0.9812)``."""
    if value.low is None or value.high is None:
        return number(value.mean)
    return f"{number(value.mean)} ({100 * confidence:.4g} % interval {between(value)})"


def valued(score: str, value: float) -> str:
    """The value of a score as short text; costs are counts, so they have no decimals."""
    if score in COSTS and value.is_integer() and abs(value) < _LONGEST_COUNT:
        return f"{value:,.0f}"
    return number(value)


def between(value: Estimate) -> str:
    """The ends of the interval; "" if there is none."""
    if value.low is None or value.high is None:
        return ""
    return f"{number(value.low)} to {number(value.high)}"


def brief(keys: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """Titles for keys of a space: short ones where these say which.

    Args:
        keys: of the space.
        taken: titles of other columns; a key with one of these gets ``space.`` before it.
    """
    short = zip(short_keys(keys), keys, strict=True)
    return [f"space.{key}" if name in taken else name for name, key in short]
