"""How promising a suggestion is: the expected improvement, by processes that may all be right."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array
from dlrun.search.surrogate import Surrogate

_LEAST = -1e4
"""Standard deviations below the best value at which the improvement counts as zero."""
_MARGIN = 0.1
"""Distance from an end of a range, as a fraction of it, from which a point is at the edge."""


class ExpectedImprovement:
    """log of the mean over processes of E[max(0, best - f(x))], less a price of the edges.

    Of one process, log E = log s + log h(u), u = (best - m) / s, h(u) = u Phi(u) + phi(u): Jones,
    Schonlau & Welch, "Efficient global optimization of expensive black-box functions", 1998. The
    logarithm has a non-zero gradient even where the improvement itself is 0 in floating point
    (Ament et al., "Unexpected improvements to expected improvement", NeurIPS 2023). The mean over
    kernels is the integrated acquisition function of Snoek, Larochelle & Adams, "Practical Bayesian
    optimization of machine learning algorithms", NeurIPS 2012. If the processes are those of
    ``believed``, it is also that over the true values of noisy trials: Letham et al., "Constrained
    Bayesian optimization with noisy experiments", Bayesian Analysis 2019.

    A process has its largest uncertainty at the ends of ranges, with trials on one side only, so
    that the improvement alone would be searched in corners. A person who chooses a range mostly
    expects the best value inside. This prior is a factor on the improvement (Hvarfner et al.,
    "piBO: augmenting acquisition functions with user beliefs for Bayesian optimization", ICLR
    2022): for each edge (1 - distance / 0.1)^2 is the price of a point less than a tenth of the
    range away from it.

    Args:
        surrogate: predicts the means m and the standard deviations s; the best of its values is the
            smallest one of each process.
        ranged: indices of the columns that have edges.
        price: of a point at an edge.
    """

    def __init__(self, surrogate: Surrogate, ranged: Array, price: float) -> None:
        self._surrogate, self._ranged, self._price = surrogate, ranged, price
        self._best = surrogate.values.min(axis=1)

    def __call__(self, x: Array) -> Array:
        """The values of points (m, columns)."""
        from scipy.special import logsumexp

        mean, deviation = self._surrogate.predict(x)
        found = np.log(deviation) + _log_h((self._best[:, None] - mean) / deviation)
        edges = _closeness(x[:, self._ranged]) ** 2
        return np.asarray(
            logsumexp(found, axis=0) - math.log(len(found)) - self._price * edges.sum(axis=1)
        )

    def slope(self, x: Array) -> tuple[float, Array]:
        """The value at one point, and its gradient (columns,)."""
        from scipy.special import log_ndtr, logsumexp

        mean, deviation, mean_slope, deviation_slope = self._surrogate.slopes(x)
        u = np.maximum((self._best - mean) / deviation, _LEAST)
        log_h = _log_h(u)
        density = np.exp(-0.5 * u * u - 0.5 * math.log(2 * math.pi) - log_h) / deviation
        below = np.exp(log_ndtr(u) - log_h) / deviation
        slopes = density[:, None] * deviation_slope - below[:, None] * mean_slope
        found = np.log(deviation) + log_h
        total = logsumexp(found)
        slope = np.exp(found - total) @ slopes
        at = x[self._ranged]
        close = _closeness(at)
        slope[self._ranged] += np.where(at < 0.5, 2.0, -2.0) * self._price * close / _MARGIN
        value = total - math.log(len(found)) - self._price * float((close**2).sum())
        return float(value), slope


def _closeness(positions: Array) -> Array:
    """1 at the ends of a range, 0 from the margin on, elementwise."""
    return np.asarray(np.maximum(0.0, 1 - np.minimum(positions, 1 - positions) / _MARGIN))


def _log_h(u: Array) -> Array:
    """log(u Phi(u) + phi(u)); below -1 from the scaled complementary error function."""
    from scipy.special import erfcx, ndtr

    u = np.maximum(u, _LEAST)
    log_density = -0.5 * u * u - 0.5 * math.log(2 * math.pi)
    low, high = np.minimum(u, -1.0), np.maximum(u, -1.0)
    tail = 1 + low * math.sqrt(math.pi / 2) * erfcx(-low / math.sqrt(2))
    near = high * ndtr(high) + np.exp(-0.5 * high * high) / math.sqrt(2 * math.pi)
    return np.asarray(np.where(u < -1.0, log_density + np.log(tail), np.log(near)))
