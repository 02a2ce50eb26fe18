"""Means, differences and ranks of regrets with their 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dlrun.intervals import estimate

Numbers = NDArray[np.float64]
_MEANS = 4000
_RANKINGS = 2000
_ENDS = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and its 95 % interval."""

    mean: float
    low: float
    high: float


def interval(values: Sequence[float] | Numbers) -> Interval:
    """The mean of values, one per seed, by bootstrap."""
    numbers = np.asarray(values, np.float64)
    if not np.isfinite(numbers).all():
        return Interval(float(numbers.mean()), float(numbers.mean()), np.inf)
    random = np.random.default_rng(0)
    means = numbers[random.integers(len(numbers), size=(_MEANS, len(numbers)))].mean(axis=1)
    low, high = np.quantile(means, _ENDS)
    return Interval(float(numbers.mean()), float(low), float(high))


def difference(ours: Sequence[float], theirs: Sequence[float]) -> Interval:
    """The mean of ours less theirs, seed by seed, and Student's interval.

    A bootstrap of a few seeds covers too little.  The interval has no ends with a single seed, or
    if all differences are equal; two searches without any value are equal.
    """
    less = [0.0 if a == b else a - b for a, b in zip(ours, theirs, strict=True)]
    if not np.isfinite(less).all():
        return interval(less)
    found = estimate(less)
    low = -np.inf if found.low is None else found.low
    high = np.inf if found.high is None else found.high
    return Interval(found.mean, low, high)


def ranks(regrets: Numbers) -> Numbers:
    """Ranks from 1, the smallest regret first, among the peers with each seed.

    Args:
        regrets: (peers, seeds).

    Returns:
        Of the same shape; equal regrets share the mean of their ranks.
    """
    from scipy.stats import rankdata

    return np.asarray(rankdata(regrets, axis=0))


def mean_ranks(problems: Sequence[Sequence[Numbers]], baseline: int) -> list[tuple[Interval, ...]]:
    """The mean rank of each peer, and its difference to that of one of them.

    A bootstrap draws functions and, for each, seeds. The noise levels of a function are drawn
    together, since they resemble each other.

    Args:
        problems: for each function or table, the ranks (peers, seeds) at each level of noise.
        baseline: index of the peer to compare with.
    """
    random = np.random.default_rng(0)
    blocks = [np.stack(levels) for levels in problems]
    size = sum(map(len, blocks))
    mean = sum(block.mean(axis=2).sum(axis=0) for block in blocks) / size
    drawn = np.empty((_RANKINGS, len(mean)))
    for row in drawn:
        total, count = np.zeros(len(mean)), 0
        for index in random.integers(len(blocks), size=len(blocks)):
            block = blocks[index]
            seeds = random.integers(block.shape[2], size=block.shape[2])
            total += block[:, :, seeds].mean(axis=2).sum(axis=0)
            count += len(block)
        row[:] = total / count
    less, less_drawn = mean - mean[baseline], drawn - drawn[:, [baseline]]
    return [
        tuple(
            Interval(float(value[peer]), *map(float, np.quantile(values[:, peer], _ENDS)))
            for value, values in ((mean, drawn), (less, less_drawn))
        )
        for peer in range(len(mean))
    ]
