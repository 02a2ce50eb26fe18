"""The logarithm of the expected improvement."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array
from dlrun.search.surrogate import Surrogate

_LEAST = -1e4
"""Standard deviations below the best value at which the improvement counts as zero."""


class ExpectedImprovement:
    """log E[max(0, best - f(x))] = log s + log h(u), u = (best - m) / s, h(u) = u Phi(u) + phi(u).

    Jones, Schonlau & Welch, "Efficient global optimization of expensive black-box functions", 1998.
    The logarithm has a non-zero gradient even where the improvement itself is 0 in floating point
    (Ament et al., "Unexpected improvements to expected improvement", NeurIPS 2023).

    Args:
        surrogate: predicts the mean m and the standard deviation s.
        best: the smallest value so far, as predicted by the surrogate, without noise.
    """

    def __init__(self, surrogate: Surrogate, best: float) -> None:
        self._surrogate, self._best = surrogate, best

    def __call__(self, x: Array) -> Array:
        """The values of points (m, columns)."""
        mean, deviation = self._surrogate.predict(x)
        return np.asarray(np.log(deviation) + _log_h((self._best - mean) / deviation))

    def slope(self, x: Array) -> tuple[float, Array]:
        """The value at one point, and its gradient (columns,)."""
        from scipy.special import log_ndtr

        mean, deviation, mean_slope, deviation_slope = self._surrogate.slopes(x)
        u = max((self._best - mean) / deviation, _LEAST)
        log_h = float(_log_h(np.array(u)))
        density = math.exp(-0.5 * u * u - 0.5 * math.log(2 * math.pi) - log_h)
        below = math.exp(float(log_ndtr(u)) - log_h)
        value = math.log(deviation) + log_h
        return value, (density * deviation_slope - below * mean_slope) / deviation


def _log_h(u: Array) -> Array:
    """log(u Phi(u) + phi(u)); below -1 from the scaled complementary error function."""
    from scipy.special import erfcx, ndtr

    u = np.maximum(u, _LEAST)
    log_density = -0.5 * u * u - 0.5 * math.log(2 * math.pi)
    low, high = np.minimum(u, -1.0), np.maximum(u, -1.0)
    tail = 1 + low * math.sqrt(math.pi / 2) * erfcx(-low / math.sqrt(2))
    near = high * ndtr(high) + np.exp(-0.5 * high * high) / math.sqrt(2 * math.pi)
    return np.asarray(np.where(u < -1.0, log_density + np.log(tail), np.log(near)))
