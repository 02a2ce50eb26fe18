"""Tests of paired differences: whether something is better, with the same seeds on both sides."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dlrun.intervals import Estimate, Scale, deviation, estimate


@dataclass(frozen=True, slots=True)
class Differences:
    """What is to be tested: that the mean of differences is larger than 0.

    Attributes:
        values: one per seed, at least one.
        confidence: that a single test would have, 0 to 1.
        of: the known properties of a difference.
    """

    values: Sequence[float]
    confidence: float
    of: Scale

    @property
    def std(self) -> float | None:
        """The standard deviation, with the minimum of the scale; None of a single value."""
        return None if len(self.values) < 2 else max(deviation(self.values), self.of.least)


@dataclass(frozen=True, slots=True)
class Tested:
    """The result of a test.

    Attributes:
        holds: whether the whole interval is above 0.
        effect: the mean of the differences and its interval.
        confidence: of the interval, after the correction for several tests.
    """

    holds: bool
    effect: Estimate
    confidence: float


def holm(differences: Mapping[str, Differences]) -> dict[str, Tested]:
    """Test several means of differences.

    Several tests are more likely than one to hold by chance.  So they are made in the order of
    their p-values, the j-th of m with an error of 1/(m - j + 1) of that of a single test (Holm, "A
    simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics
    1979).  After the first that does not hold, no other one holds, and all have its confidence.

    Args:
        differences: by name.
    """
    order = sorted(
        (_error(each) / (1 - each.confidence), number, name)
        for number, (name, each) in enumerate(differences.items())
    )
    found: dict[str, Tested] = {}
    left, failed = len(order), False
    for *_, name in order:
        each = differences[name]
        confidence = 1 - (1 - each.confidence) / left
        effect = estimate(each.values, confidence, each.of)
        failed = failed or effect.low is None or effect.low <= 0
        found[name] = Tested(not failed, effect, confidence)
        left -= not failed
    return {name: found[name] for name in differences}


def _error(differences: Differences) -> float:
    """The two-sided p-value, P(|t| >= observed t); 1 if there is none."""
    values, spread = differences.values, differences.std
    if not spread:
        return 1.0
    from scipy.special import stdtr

    n = len(values)
    t = math.fsum(values) / n / (spread / math.sqrt(n))
    return float(2 * stdtr(n - 1, -t)) if t > 0 else 1.0
