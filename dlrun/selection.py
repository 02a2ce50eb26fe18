"""The best of several trials, which is also the luckiest of them.

Which of the others are surely worse, and how much better its score is than other seeds would give.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set

from dlrun.intervals import ROUNDING, deviation
from dlrun.studentized_range import range_quantile

Field = Mapping[int, Sequence[float]]
"""Values by seed of each trial, lower is better; the same seeds, two or more."""


def worse(field: Field, best: int, error: float, step: float = 0.0) -> Set[int]:
    """The trials that may be dropped without losing the truly best one.

    Each trial is compared with the best one so far, see ``_behind``.  The error probability is
    divided by the number of other trials (Bonferroni), because the best one so far is the luckiest
    of them (Hsu, "Multiple comparisons: theory and methods", 1996, on comparisons with the best).

    Args:
        field: the trials.
        best: the trial with the smallest mean.
        error: the probability that the truly best trial is among those returned.
        step: of the score.
    """
    if len(field) < 2:
        return set()
    from scipy.special import stdtrit

    return _behind(field, best, float(stdtrit(_freedom(field), 1 - error / (len(field) - 1))), step)


def separated(field: Field, best: int, error: float, step: float = 0.0) -> Set[int]:
    """The trials that differ from the best one, with one error probability for all of them.

    Each trial is compared with the best one, see ``_behind``.  The difference between the best and
    the worst of equal trials is the range of their means, so its quantile, the studentized range,
    is that of the comparison (Tukey, "The problem of multiple comparisons", 1953).

    Args:
        field: the trials.
        best: the trial with the smallest mean.
        error: the probability that any trial is among those returned if all are equal.
        step: of the score.
    """
    if len(field) < 2:
        return set()
    quantile = range_quantile(1 - error, len(field), _freedom(field)) / math.sqrt(2)
    return _behind(field, best, quantile, step)


def optimism(field: Field) -> float | None:
    """By how much the mean of the best trial is expected to be better than other seeds would give.

    Each seed is left out once: the trial that is best with the other seeds is scored with the one
    that had no say in the choice (Stone, "Cross-validatory choice and assessment of statistical
    predictions", JRSS B 1974), relative to all trials, because the luck of a seed that all trials
    share favours none of them.  One seed less makes the choice noisier; standard errors with n
    seeds are smaller by sqrt((n - 1) / n), and so is the result.

    Args:
        field: the trials.

    Returns:
        None for a single trial or a single seed; it may be below 0 by chance.
    """
    rows = list(field.values())
    seeds = len(rows[0]) if rows else 0
    if len(rows) < 2 or seeds < 2:
        return None
    centres = [math.fsum(row[seed] for row in rows) / len(rows) for seed in range(seeds)]
    centred = [[value - c for value, c in zip(row, centres, strict=True)] for row in rows]
    losses = []
    for seed in range(seeds):
        others = [math.fsum(row) - row[seed] for row in centred]
        best = min(range(len(rows)), key=others.__getitem__)
        losses.append(centred[best][seed] - others[best] / (seeds - 1))
    found = math.fsum(losses) / seeds * math.sqrt((seeds - 1) / seeds)
    largest = max(abs(value) for row in rows for value in row)
    return found if abs(found) > ROUNDING * largest else 0.0


def _behind(field: Field, best: int, quantile: float, step: float) -> Set[int]:
    """The trials whose difference to the best one is larger than quantile standard errors.

    Differences are paired by seed.  Their standard deviation is that of the pair or, if larger, the
    pooled one of all trials, which is not small by chance with few seeds: the residuals of a table
    of trials by seeds, (trials - 1)(seeds - 1) degrees of freedom.
    """
    seeds = len(field[best])
    together = math.sqrt(2 * _residual(list(field.values())) / _freedom(field))
    found = set()
    for number, values in field.items():
        differences = [one - other for one, other in zip(values, field[best], strict=True)]
        spread = max(deviation(differences), step, together)
        half = quantile * spread / math.sqrt(seeds)
        if number != best and spread > 0 and math.fsum(differences) / seeds > half:
            found.add(number)
    return found


def _freedom(field: Field) -> int:
    """The degrees of freedom of the residuals."""
    return (len(field) - 1) * (len(next(iter(field.values()))) - 1)


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
    return found if found > (ROUNDING * largest) ** 2 * trials * seeds else 0.0
