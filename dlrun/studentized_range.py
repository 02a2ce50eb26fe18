"""Quantiles of the studentized range, the statistic of the best and the worst of equal trials."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

_NODES = 64
_FAR = 9.0
"""Standard deviations from the mean beyond which normal values are not counted."""


@lru_cache(maxsize=256)
def range_quantile(level: float, groups: int, freedom: int) -> float:
    """The quantile of (largest mean - smallest mean) / standard error of a mean.

    The range of normal values is integrated over the smallest of them, and over the distribution of
    the estimated standard deviation (Copenhaver & Holland, "Computation of the distribution of the
    maximum studentized range statistic", Journal of Statistical Computation and Simulation 1988),
    by Gauss and Legendre's rule; the quantile is found by bisection.

    Args:
        level: probability, 0.5 to 1.
        groups: number of means, two or more.
        freedom: degrees of freedom of the standard deviation.

    Returns:
        The quantile, exact to 2e-4 of it.
    """
    from scipy.special import chdtri, ndtr

    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    share = (nodes + 1) / 2
    spreads = np.sqrt(chdtri(freedom, 1 - share) / freedom)  # by their own quantiles
    values = _FAR * nodes
    densities = groups * np.exp(-(values**2) / 2) / np.sqrt(2 * np.pi) * _FAR * weights
    above = ndtr(-values)

    def probability(quantile: float) -> float:
        # All other values lie between the smallest, and the smallest plus the range.
        between = above - ndtr(-(values + quantile * spreads[:, None]))
        return float(weights / 2 @ (between ** (groups - 1) @ densities))

    low, high = 0.0, 1.0
    while probability(high) < level:
        low, high = high, 2 * high
    while high - low > 1e-5 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if probability(middle) < level else (low, middle)
    return high
