"""Means, standard deviations and intervals in words."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.intervals import deviation, estimate


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Mean and standard deviation."""
    mean = sum(values) / len(values)
    return f"{mean:.{digits}f} ± {deviation(values):.{digits}f}"


def interval_text(values: Sequence[float]) -> str:
    """The interval of a mean."""
    found = estimate(values)
    return "" if found.low is None else f"{found.low:.1f} to {found.high:.1f}"
