"""Covariances of a Gaussian process, for several settings of its parameters at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array

LEVEL = 10.0
"""Variance of the unknown mean, if the objective's variance is 1."""
JITTER = 1e-9
"""Added to the diagonal of a covariance, as a fraction of the variance, so that it has a root."""


@dataclass(frozen=True, slots=True)
class Kernels:
    """k(a, b) = LEVEL + joint m(t) + alone / c (m(t_1) + ... + m(t_c)), once per setting.

    t = |(a - b) / scales| over all c columns, t_j = sqrt(c) |a_j - b_j| / scales_j for column j
    alone, and m(t) = (1 + r + r^2 / 3) exp(-r) with r = sqrt(5) t is the Matern covariance with
    nu = 5/2: functions that are exactly twice differentiable (Rasmussen & Williams, "Gaussian
    processes for machine learning", 2006, section 4.2). The second part is the sum of a function
    of every column, which can be learned from few trials in many dimensions (Duvenaud, Nickisch &
    Rasmussen, "Additive Gaussian processes", NeurIPS 2011). Columns alone need shorter length
    scales than distances over all columns, which grow with the root of their number.

    Attributes:
        joint: (settings,), variance of the part of all columns together.
        alone: (settings,), variance of the part that is a sum over columns.
        scales: (settings, columns), the length scale of each column.
        noise: (settings,), variance of repeated measurements at the same point.
    """

    joint: Array
    alone: Array
    scales: Array
    noise: Array

    @property
    def variance(self) -> Array:
        """k(a, a), (settings,), without noise."""
        return self.joint + self.alone + LEVEL

    def __call__(self, a: Array, b: Array) -> Array:
        """Covariances, (settings, rows of a, rows of b)."""
        columns = a.shape[1]
        off = np.abs(a.T[:, :, None] - b.T[:, None, :]).reshape(columns, -1)
        inverse = math.sqrt(5) / self.scales
        found = matern(np.sqrt((inverse * inverse) @ (off * off)))
        found *= self.joint[:, None]
        found += LEVEL
        factor = math.sqrt(columns) * inverse
        for setting, share in enumerate(self.alone / columns):
            for column in range(columns):
                found[setting] += share * matern(factor[setting, column] * off[column])
        return found.reshape(len(self.joint), len(a), len(b))

    def slope(self, a: Array, x: Array) -> tuple[Array, Array]:
        """k(a, x) at one point x, (settings, rows of a), and d k(a, x) / dx, with columns last."""
        columns = len(x)
        inverse = math.sqrt(5) / self.scales[:, None]
        off = (a - x) * inverse
        r = np.sqrt(np.einsum("snc,snc->sn", off, off))
        near = self.joint[:, None] * np.exp(-r)
        apart = math.sqrt(columns) * np.abs(off)
        each = (self.alone / columns)[:, None, None] * np.exp(-apart)
        value = (1 + r * (1 + r / 3)) * near + ((1 + apart * (1 + apart / 3)) * each).sum(axis=2)
        slope = ((1 + r) * near)[:, :, None] + columns * (1 + apart) * each
        return value + LEVEL, slope * off * inverse / 3


def matern(r: Array) -> Array:
    """(1 + r + r^2 / 3) exp(-r)."""
    found = r / 3
    found += 1
    found *= r
    found += 1
    found *= np.exp(-r)
    return np.asarray(found)
