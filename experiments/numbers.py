"""Means with their 95 % intervals as texts of tables."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.intervals import UNKNOWN, Estimate, Scale, estimate


def plus_minus(values: Sequence[float], digits: int = 3, scale: Scale = UNKNOWN) -> str:
    """A mean and the longer half of its interval: near an end of the scale, that of the tail."""
    found = estimate(values, of=scale)
    if found.low is None or found.high is None:
        return f"{found.mean:.{digits}f}"
    half = max(found.mean - found.low, found.high - found.mean)
    return f"{found.mean:.{digits}f} ± {half:.{digits}f}"


def from_to(found: Estimate, digits: int, factor: float = 1.0, sign: str = "") -> str:
    """A mean and the ends of its interval.

    Args:
        found: the mean.
        digits: after the point.
        factor: of all numbers, such as 100 for points of an accuracy.
        sign: ``+`` shows that of positive numbers, too.
    """
    mean = f"{factor * found.mean:{sign}.{digits}f}"
    if found.low is None or found.high is None:
        return mean
    low, high = (f"{factor * end:{sign}.{digits}f}" for end in (found.low, found.high))
    return f"{mean} ({low} to {high})"
