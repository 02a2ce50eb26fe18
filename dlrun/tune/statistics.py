"""Means of a few numbers, and how far they can be trusted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean of n numbers and its t-interval; the ends are None where n is 1."""

    mean: float
    low: float | None
    high: float | None
    n: int


def estimate(values: Sequence[float], confidence: float = 0.95) -> Estimate:
    """The mean and its t-interval: mean -+ t(n-1) s / sqrt(n).

    Student, "The probable error of a mean", Biometrika 1908.

    Args:
        values: at least one.
        confidence: of the interval, 0 to 1.
    """
    n = len(values)
    mean = math.fsum(values) / n
    if n == 1:
        return Estimate(mean, None, None, n)
    from scipy.special import stdtrit

    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    half = float(stdtrit(n - 1, 0.5 + confidence / 2)) * math.sqrt(variance / n)
    return Estimate(mean, mean - half, mean + half, n)
