"""Group-sequential t-tests: a mean of differences is tested at several looks, with one error.

At each look more values are known.  A test that holds at any look holds, so each look must be
stricter than a single test.  After a fraction f of the planned values, the looks may have spent the
fraction f^2 of the error (Lan & DeMets, "Discrete sequential boundaries for clinical trials",
Biometrika 1983; the power family of Kim & DeMets, Biometrika 1987, with rho = 2).

The standard deviation is unknown, and with few values normal boundaries for t hold too often.  So
the distribution of the values of t at all looks is computed, as in Jennison & Turnbull, "Exact
calculations for sequential t, chi-squared and F tests", Biometrika 1991.  With the sum S and the
sum of squares Q of n normal values of mean 0, U = S / sqrt(Q) contains all that t does, does not
depend on the standard deviation, and is a Markov chain: with m more values

    U' = U sqrt(B) cos(a) + sqrt(m) sin(a)

where B has the distribution Beta(n / 2, (m - 1) / 2), and sqrt(n + m - 1) tan(a) is Student's t
with n + m - 1 degrees of freedom.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from dlrun.arrays import Array

FUTILE = 0.05
"""Chance to hold at the last look below which a test is given up."""
_OPTIMISM = 0.8
"""Level of the one-sided interval whose end is the true mean in a chance."""
_CELLS, _NODES, _FINE = 240, 10, 4001
_LOWEST = -4.0
"""Normal quantile of the lowest cell: from below it, a walk hardly reaches a boundary."""
_EXACT = 1e-10


@lru_cache(maxsize=256)
def levels(looks: tuple[int, ...], error: float) -> tuple[float, ...]:
    """The error of the two-sided t-test at each look, with which all looks together have one error.

    Args:
        looks: numbers of values, increasing, two or more; the last one is the whole test.
        error: of the test; half of it on each side.
    """
    if len(looks) == 1:
        return (error,)
    spent = [error / 2 * (look / looks[-1]) ** 2 for look in looks]
    walk, found = Walk(looks[0], spent[0]), [spent[0]]
    for before, now, look in zip(spent, spent[1:], looks[1:], strict=False):
        level = walk.level(look, now - before)
        found.append(level)
        walk.advance(look, level)
    return tuple(2 * level for level in found)


class Walk:
    """The distribution of U among tests of a true mean of 0 that have not held yet.

    Args:
        values: at the first look, two or more.
        level: one-sided error of the t-test there.

    Attributes:
        values: at the look that it has reached.
    """

    def __init__(self, values: int, level: float) -> None:
        from scipy.special import stdtr

        self.values = values
        edges, self._places = _cells(values, level)
        self._masses = np.diff(stdtr(values - 1, edges))

    def exits(self, values: int, level: float) -> float:
        """The probability that the test holds at the next look, and did at none before.

        Args:
            values: at that look.
            level: one-sided error of the t-test there.
        """
        from scipy.special import stdtrit

        bound = np.array([stdtrit(values - 1, 1 - level)])
        return float(self._above(values, _u(bound, values))[0])

    def level(self, values: int, exits: float) -> float:
        """The one-sided error of the t-test at the next look with which ``exits`` is this."""
        from scipy.special import stdtr

        low, high = -math.sqrt(values), math.sqrt(values)
        while high - low > _EXACT:
            middle = (low + high) / 2
            above = float(self._above(values, np.array([middle]))[0])
            low, high = (middle, high) if above > exits else (low, middle)
        t = high * math.sqrt((values - 1) / max(values - high**2, _EXACT))
        return float(stdtr(values - 1, -t))

    def advance(self, values: int, level: float) -> None:
        """Move to the next look, and leave out the tests that hold there.

        Args:
            values: at that look.
            level: one-sided error of the t-test there.
        """
        edges, places = _cells(values, level)
        self._masses = -np.diff(self._above(values, _u(edges, values)))
        self.values, self._places = values, places

    def _above(self, values: int, bounds: Array) -> Array:
        """The probability of a U above each of these bounds at the next look."""
        from scipy.special import roots_sh_jacobi, stdtr

        more, places, masses = values - self.values, self._places, self._masses
        if more > 1:
            # Weights of Gauss' quadrature for the density of B.
            nodes, weights = roots_sh_jacobi(_NODES, (values - 1) / 2 - 1, self.values / 2)
            places = np.outer(places, np.sqrt(nodes)).ravel()
            masses = np.outer(masses, weights / weights.sum()).ravel()
        angles = np.linspace(-math.pi / 2, math.pi / 2, _FINE)
        known = stdtr(values - 1, math.sqrt(values - 1) * np.tan(angles))

        def up_to(angle: Array) -> Array:
            return np.asarray(np.interp(angle, angles, known))  # 0 and 1 beyond the ends

        # U' = r sin(a + b), which is above a bound in up to two intervals of a.
        r, b = np.hypot(math.sqrt(more), places), np.arctan2(places, math.sqrt(more))
        start = np.arcsin(np.clip(bounds[:, None] / r, -1.0, 1.0))
        inside = up_to(math.pi - start - b) - up_to(start - b) + up_to(-math.pi - start - b)
        return np.asarray(inside @ masses)


def chance(errors: Array, fraction: float, level: float) -> Array:
    """The probability that tests hold at their last look, if the true mean is an optimistic one.

    That is the upper end of a one-sided interval of 80 %.  The formula is that of a Brownian
    motion (Lan, Simon & Halperin, "Stochastically curtailed tests in long-term clinical trials",
    Sequential Analysis 1982), so with few values it is not exact.  It need not be: a test that is
    given up does not hold, so tests hold without reason at most as often as without giving up.

    Args:
        errors: observed one-sided p-value of each test.
        fraction: of the values that are known, below 1.
        level: one-sided error of the test at the last look.
    """
    from scipy.special import ndtr, ndtri

    z, needed = -ndtri(errors), -float(ndtri(level))
    drift = (z + float(ndtri(_OPTIMISM))) / math.sqrt(fraction)
    expected = z * math.sqrt(fraction) + (1 - fraction) * drift
    return np.asarray(ndtr((expected - needed) / math.sqrt(1 - fraction)))


def _u(t: Array, values: int) -> Array:
    """The U of values of t, which may be infinite."""
    return np.asarray(math.sqrt(values) * np.sin(np.arctan(t / math.sqrt(values - 1))))


def _cells(values: int, level: float) -> tuple[Array, Array]:
    """Ranges of t up to the boundary of a look: their edges, and the U in the middle of each."""
    from scipy.special import ndtr, ndtri, stdtrit

    below = ndtr(np.linspace(_LOWEST, -float(ndtri(level)), _CELLS))
    edges = stdtrit(values - 1, below)
    edges[-1] = stdtrit(values - 1, 1 - level)
    middle = np.concatenate([below[:1] / 2, (below[1:] + below[:-1]) / 2])
    return np.concatenate([[-np.inf], edges]), _u(stdtrit(values - 1, middle), values)
