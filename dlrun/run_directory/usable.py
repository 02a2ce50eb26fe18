"""Which scores statistics can be calculated with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

LARGEST_SCORE = 1e100
"""Squares and sums of larger scores could overflow. A training that computes in 32 bits cannot have
one; a file from elsewhere can."""


def usable(value: float | None) -> float | None:
    """The score; None if it is too large to calculate with, or not a finite number."""
    return value if value is not None and abs(value) <= LARGEST_SCORE else None


def means(rows: Iterable[Sequence[float]]) -> list[float]:
    """The mean of each row; NaN if it has one, or infinities of both signs, or sums overflow."""
    return [_mean(row) for row in rows]


def _mean(row: Sequence[float]) -> float:
    try:
        return math.fsum(row) / len(row)
    except (OverflowError, ValueError):
        return math.nan
