"""Means of a few scores, their confidence intervals, and which of several trials are worse.

The values are scores of runs with several seeds.  They differ from textbook normal samples in three
ways.  Some scores are bounded, such as an accuracy, and so is their mean.  Some change in steps,
such as an accuracy on 20 samples, so a few of them are often equal by chance, and their standard
deviation of 0 means nothing.  And the best of many trials is also the luckiest of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from pydantic import with_config

_ALIKE = 1e-9
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
    """The mean and its t-interval, mean -+ t(n-1) s / sqrt(n), within the score's range.

    Student, "The probable error of a mean", Biometrika 1908.  A mean lies within the range of its
    score, so clipping the interval to the range does not reduce its coverage.

    Args:
        values: at least one.
        confidence: of the interval, 0 to 1.
        of: the known properties of the score.
    """
    n = len(values)
    mean = math.fsum(values) / n
    half = margin(values, 0.5 + confidence / 2, of.least)
    if half is None:
        return Estimate(mean, None, None, n)
    low = -math.inf if of.low is None else of.low
    high = math.inf if of.high is None else of.high
    return Estimate(mean, min(mean, max(low, mean - half)), max(mean, min(high, mean + half)), n)


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
    return found if found > _ALIKE * max(map(abs, values)) else 0.0


def worse(
    field: Mapping[int, Sequence[float]], best: int, error: float, step: float = 0.0
) -> Set[int]:
    """The trials that are worse than the best one with sufficient certainty.

    Differences to the best are paired by seed.  Their standard deviation is that of the pair or, if
    larger, the pooled one of all trials, which is not small by chance with few seeds: the residuals
    of a table of trials by seeds, (trials - 1)(seeds - 1) degrees of freedom. The error probability
    is divided by the number of other trials (Bonferroni), because the best one is the luckiest of
    them (Hsu, "Multiple comparisons: theory and methods", 1996, on comparisons with the best).

    Args:
        field: values by seed of each trial, lower is better; the same seeds, two or more.
        best: the trial with the smallest mean.
        error: the probability that a trial as good as the best is among those returned.
        step: of the score.
    """
    from scipy.special import stdtrit

    if len(field) < 2:
        return set()
    seeds, trials = len(field[best]), len(field)
    freedom = (trials - 1) * (seeds - 1)
    together = math.sqrt(2 * _residual(list(field.values())) / freedom)
    quantile = float(stdtrit(freedom, 1 - error / (trials - 1)))
    found = set()
    for number, values in field.items():
        differences = [one - other for one, other in zip(values, field[best], strict=True)]
        spread = max(deviation(differences), step, together)
        half = quantile * spread / math.sqrt(seeds)
        if number != best and spread > 0 and math.fsum(differences) / seeds > half:
            found.add(number)
    return found


def _residual(rows: Sequence[Sequence[float]]) -> float:
    """The sum of squares that neither trials nor seeds explain; 0 if it is only rounding."""
    trials, seeds = len(rows), len(rows[0])
    means = [math.fsum(row) / seeds for row in rows]
    columns = [math.fsum(row[seed] for row in rows) / trials for seed in range(seeds)]
    whole = math.fsum(means) / trials
    found = math.fsum(
        (row[seed] - mean - columns[seed] + whole) ** 2
        for row, mean in zip(rows, means, strict=True)
        for seed in range(seeds)
    )
    largest = max(abs(value) for row in rows for value in row)
    return found if found > (_ALIKE * largest) ** 2 * trials * seeds else 0.0
