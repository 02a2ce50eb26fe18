"""How many pairs a paired t-test needs, from the distribution of t if there is a difference.

If differences have the mean d and the standard deviation s, then t of n pairs has the noncentral t
distribution with n - 1 degrees of freedom and the noncentrality d sqrt(n) / s (Cohen, "Statistical
power analysis for the behavioral sciences", 1988).
"""

from __future__ import annotations

import math

POWER = 0.8
"""Probability to show a difference that is usual in planning."""
_MOST = 10_000
_EXACT = 1e-6


def power(effect: float, std: float, pairs: int, error: float) -> float:
    """The probability that a one-sided paired t-test shows a difference.

    Args:
        effect: the mean of differences, 0 or more.
        std: their standard deviation, above 0.
        pairs: number of differences, two or more.
        error: of the test; half of that of a two-sided one.
    """
    from scipy.special import nctdtr, stdtrit

    freedom = pairs - 1
    noncentrality = effect * math.sqrt(pairs) / std
    return 1 - float(nctdtr(freedom, noncentrality, stdtrit(freedom, 1 - error)))


def smallest_effect(std: float, pairs: int, error: float, wanted: float = POWER) -> float:
    """The difference that a one-sided paired t-test shows with the wanted probability.

    Args:
        std: standard deviation of differences, above 0.
        pairs: number of differences, two or more.
        error: of the test.
        wanted: the power, between the error and 1.
    """
    low, high = 0.0, 1.0
    while power(high, 1.0, pairs, error) < wanted:
        low, high = high, 2 * high
    while high - low > _EXACT * high:
        middle = (low + high) / 2
        low, high = (low, middle) if power(middle, 1.0, pairs, error) >= wanted else (middle, high)
    return std * high


def pairs_needed(effect: float, std: float, error: float, wanted: float = POWER) -> int | None:
    """The number of pairs with which a one-sided paired t-test shows a difference.

    Args:
        effect: the mean of differences, above 0.
        std: their standard deviation, above 0.
        error: of the test.
        wanted: the power.

    Returns:
        None for more than 10,000.
    """
    low, high = 1, 2
    while power(effect, std, high, error) < wanted:
        if high >= _MOST:
            return None
        low, high = high, min(2 * high, _MOST)
    while high - low > 1:
        middle = (low + high) // 2
        enough = power(effect, std, middle, error) >= wanted
        low, high = (low, middle) if enough else (middle, high)
    return high


def cautious(std: float, values: int) -> float:
    """A standard deviation to plan with: the true one is smaller with a probability of 80 %.

    That of a few values is as often too small as too large, and a plan with one that is too small
    promises too much (Browne, "On the use of a pilot sample for sample size determination",
    Statistics in Medicine 1995).

    Args:
        std: the sample standard deviation.
        values: of the sample, two or more.
    """
    from scipy.special import chdtri

    freedom = values - 1
    return std * math.sqrt(freedom / float(chdtri(freedom, 0.8)))
