"""Means of a few numbers, how far they can be trusted, and which of several are worse.

The numbers are scores of runs with several seeds.  Three things tell them from the normal numbers
of a textbook.  Some scores have a range, as an accuracy, of which no mean leaves it.  Some go in
steps, as an accuracy on 20 samples, so that a few of them are often equal by chance, and their
standard deviation of 0 says nothing.  And the best of many trials is the luckiest of them too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from pydantic import with_config

_ALIKE = 1e-9
"""Standard deviations, relative to the largest number, that are rounding alone."""


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class Scale:
    """What is known of a score in advance.

    Attributes:
        low: its least value; None where there is none.
        high: its largest value; None where there is none.
        step: what one sample changes of it, as 1/20 of an accuracy on 20 samples; 0 where it can
            take any value.
    """

    low: float | None = None
    high: float | None = None
    step: float = 0.0

    @property
    def least(self) -> float:
        """The standard deviation that runs have at least, step / sqrt(2).

        The one of a difference of two runs is then a whole step: no two runs can be told apart by
        less than one sample.
        """
        return self.step / math.sqrt(2)


UNKNOWN = Scale()
"""Of a score of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean of n numbers and its interval.

    The ends are None where n is 1, and where all numbers of a score without steps are the same:
    then the seed changes nothing, so that n runs say no more than one.
    """

    mean: float
    low: float | None
    high: float | None
    n: int


def estimate(values: Sequence[float], confidence: float = 0.95, of: Scale = UNKNOWN) -> Estimate:
    """The mean and its t-interval, mean -+ t(n-1) s / sqrt(n), as far as the score's range goes.

    Student, "The probable error of a mean", Biometrika 1908.  A mean lies within the range of its
    score, so cutting the interval there takes nothing from what it covers.

    Args:
        values: at least one.
        confidence: of the interval, 0 to 1.
        of: what is known of the score.
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
    """t s / sqrt(n): how far below its mean a score may be; None where nothing can be said.

    Args:
        values: at least one.
        level: the quantile of t.
        least: the standard deviation that they have at least.
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
    """The standard deviation of a sample; 0 where it is that of rounding."""
    mean = math.fsum(values) / len(values)
    squares = math.fsum((value - mean) ** 2 for value in values)
    found = math.sqrt(squares / (len(values) - 1))
    return found if found > _ALIKE * max(map(abs, values)) else 0.0


def worse(
    field: Mapping[int, Sequence[float]], best: int, error: float, step: float = 0.0
) -> Set[int]:
    """The trials of which it is certain enough that another one is better.

    Differences to the best are paired by seed.  Their standard deviation is that of the pair or,
    if it is larger, the one that all trials have together, which few seeds do not make small by
    chance: the residuals of a table of trials by seeds, (trials - 1)(seeds - 1) degrees of freedom.
    The error is divided by the number of trials that the best could have been (Bonferroni), as it
    is the luckiest of them (Hsu, "Multiple comparisons: theory and methods", 1996, on comparisons
    with the best).

    Args:
        field: values by seed of each trial, less is better; the same seeds, two or more.
        best: the trial of the least mean.
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
    """The sum of squares that neither trials nor seeds explain; 0 where it is rounding."""
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
