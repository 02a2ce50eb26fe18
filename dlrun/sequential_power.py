"""How the power and the number of values of a group-sequential t-test compare with a single test.

By simulation with fixed random numbers, so the same plan always has the same result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from dlrun.arrays import Array
from dlrun.power import POWER, smallest_effect
from dlrun.rng import Stream, generator
from dlrun.sequential import FUTILE, chance, levels

_TESTS, _NUMBERS = 4000, 400_000
"""Simulated tests, and the random numbers of all of them together, at most."""
_EXACT = 1e-3


@dataclass(frozen=True, slots=True)
class Compared:
    """A test with looks, compared with a single one of as many values, both with a power of 80 %.

    Attributes:
        effect: the true mean that it shows, relative to that of the single test; 1 or more.
        values: the mean fraction of the values that it uses, if that is the true mean.
    """

    effect: float
    values: float


@lru_cache(maxsize=64)
def compared(looks: tuple[int, ...], error: float) -> Compared:
    """Compare a test with looks and a single test.

    Args:
        looks: numbers of values; the last one is the whole test.
        error: of both tests; half of it on each side.
    """
    if len(looks) == 1:
        return Compared(1.0, 1.0)
    tests = min(_TESTS, _NUMBERS // looks[-1])
    single = smallest_effect(1.0, looks[-1], error / 2)
    drawn = generator(0, Stream.POWER).normal(size=(tests, looks[-1]))
    low, high = 1.0, 2.0
    while held(drawn + high * single, looks, error)[0].mean() < POWER:
        low, high = high, 2 * high
    while high - low > _EXACT:
        middle = (low + high) / 2
        enough = held(drawn + middle * single, looks, error)[0].mean() >= POWER
        low, high = (low, middle) if enough else (middle, high)
    _, used = held(drawn + high * single, looks, error)
    return Compared(high, float(used.mean()) / looks[-1])


def held(tests: Array, looks: tuple[int, ...], error: float) -> tuple[Array, Array]:
    """Whether simulated tests hold, each alone, and how many values they use.

    Args:
        tests: one test per row, with all values.
        looks: numbers of values.
        error: of the two-sided test.
    """
    from scipy.special import stdtr

    spent, running = levels(looks, error), np.ones(len(tests), bool)
    holds, used = np.zeros(len(tests), bool), np.full(len(tests), looks[-1])
    for look, level in zip(looks, spent, strict=True):
        known = tests[:, :look]
        t = known.mean(axis=1) / known.std(axis=1, ddof=1) * math.sqrt(look)
        p = stdtr(look - 1, -t)
        now = running & (p < level / 2)
        holds |= now
        ends = now
        if look < looks[-1]:
            ends = now | (running & (chance(p, look / looks[-1], spent[-1] / 2) < FUTILE))
        used[ends] = look
        running &= ~ends
    return holds, used
