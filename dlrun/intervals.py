"""Means of a few scores and their confidence intervals.

The values are scores of runs with several seeds.  They differ from textbook normal samples in two
ways.  Some scores are bounded, such as an accuracy or a loss: so is their mean, and near a bound
they are skewed away from it.  And some change in steps, such as an accuracy on 20 samples, so a few
of them are often equal by chance, and their standard deviation of 0 means nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import with_config

ROUNDING = 1e-9
"""Standard deviation, relative to the largest value, that counts as rounding."""


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class Scale:
    """The known properties of a score.

    Attributes:
        low: its minimum; None if unbounded.
        high: its maximum; None if unbounded.
        step: its change by one sample, such as 1/20 for an accuracy on 20 samples; 0 if it is
            continuous.
    """

    low: float | None = None
    high: float | None = None
    step: float = 0.0

    @property
    def least(self) -> float:
        """The minimum standard deviation of runs, step / sqrt(2).

        That of the difference of two runs is then one step: two runs cannot be distinguished by
        less than one sample.
        """
        return self.step / math.sqrt(2)


UNKNOWN = Scale()
"""A score without known properties."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean of n values and its confidence interval.

    The ends are None if n is 1, or if all values of a continuous score are equal: then the seed has
    no effect, so n runs show no more than one.
    """

    mean: float
    low: float | None
    high: float | None
    n: int


def estimate(values: Sequence[float], confidence: float = 0.95, of: Scale = UNKNOWN) -> Estimate:
    """The mean and its interval: Student's, and near a bound of the score also a score interval.

    Student's is mean -+ t(n-1) s / sqrt(n) (Student, "The probable error of a mean", Biometrika
    1908).  It assumes no skewness, and covers too little for scores near a bound, which are skewed:
    a few seeds miss the long tail, and their standard deviation is too small.  So the variance of a
    bounded score is assumed to change with its mean mu as that of a fraction does, like
    (mu - low)(high - mu), or with one bound as that of a count does, like mu - low.  The interval
    contains all mu for which the observed mean is within t standard errors (Wilson, "Probable
    inference, the law of succession, and statistical inference", JASA 1927).  It is within the
    bounds, and longer on the side of the tail.  The wider end of the two counts.

    Args:
        values: at least one.
        confidence: of the interval, 0 to 1.
        of: the known properties of the score.
    """
    n = len(values)
    mean = math.fsum(values) / n
    level = 0.5 + confidence / 2
    half = margin(values, level, of.least)
    if half is None:
        return Estimate(mean, None, None, n)
    low = -math.inf if of.low is None else of.low
    high = math.inf if of.high is None else of.high
    ends = [mean - half, mean + half]
    # Without the minimum: Student's interval has it, and steps are not skewness.
    observed = margin(values, level, 0.0)
    if observed is not None and low < mean < high:
        ends += _score_ends(mean, observed, n, of)
    return Estimate(mean, min(mean, max(low, min(ends))), max(mean, min(high, max(ends))), n)


def _score_ends(mean: float, half: float, n: int, of: Scale) -> list[float]:
    """The solutions of (mean - mu)^2 = half^2 variance(mu) / variance(mean); none without bounds.

    Args:
        mean: inside the bounds.
        half: of Student's interval.
        n: number of values.
        of: the bounds of the score, and its step.
    """
    if of.low is not None and of.high is not None:
        width = of.high - of.low
        at = (mean - of.low) / width
        # A mean next to a bound says little on the variance there: two samples more on either side
        # (Agresti & Coull, "Approximate is better than exact", American Statistician 1998).
        more = 2 * of.step / (n * width)
        smooth = (at + more) / (1 + 2 * more)
        ratio = (half / width) ** 2 / (smooth * (1 - smooth))
        middle = (at + ratio / 2) / (1 + ratio)
        root = math.sqrt(ratio * (at * (1 - at) + ratio / 4)) / (1 + ratio)
        return [of.low + width * (middle - root), of.low + width * (middle + root)]
    bound = of.low if of.low is not None else of.high
    if bound is None:
        return []
    distance = mean - bound  # negative below an upper bound
    middle = mean + half**2 / (2 * distance)
    root = half * math.sqrt(1 + (half / distance) ** 2 / 4)
    return [middle - root, middle + root]


def margin(values: Sequence[float], level: float, least: float) -> float | None:
    """t s / sqrt(n): how far below its mean a score may be; None if that cannot be estimated.

    Args:
        values: at least one.
        level: the quantile of t.
        least: the minimum standard deviation.
    """
    n = len(values)
    if n == 1:
        return None
    spread = max(deviation(values), least)
    if spread == 0.0:
        return None
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, level)) * spread / math.sqrt(n)


def deviation(values: Sequence[float]) -> float:
    """The sample standard deviation; 0 if it is only rounding."""
    mean = math.fsum(values) / len(values)
    squares = math.fsum((value - mean) ** 2 for value in values)
    found = math.sqrt(squares / (len(values) - 1))
    return found if found > ROUNDING * max(map(abs, values)) else 0.0
