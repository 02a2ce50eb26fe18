"""The covariance of values on learning curves, and its derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array


@dataclass(frozen=True, slots=True)
class Points:
    """Places on the curves of trials.

    Attributes:
        x: (n, columns), the settings of the trials.
        time: (n,), the logarithm of the epochs, 0 for one epoch and 1 for a whole training.
        trial: (n,), which trial.
    """

    x: Array
    time: Array
    trial: Array

    def take(self, rows: Array) -> Points:
        """Some of the points."""
        return Points(self.x[rows], self.time[rows], self.trial[rows])


class Covariance:
    """The three covariances between points, and what their derivatives need.

    Args:
        theta: logarithms of four variances, of the growth, of three time scales and of the scales
            of the columns.
        a, b: the points.
    """

    def __init__(self, theta: Array, a: Points, b: Points) -> None:
        variances, _, times, scales = np.split(np.exp(theta), (4, 5, 8))
        self.columns = ((a.x[:, None, :] - b.x[None]) / scales) ** 2
        self.apart = self.columns.sum(axis=2)
        gap = (a.time[:, None] - b.time[None]) ** 2
        self.gaps = [gap / time**2 for time in times]
        same = a.trial[:, None] == b.trial[None]
        self.missing = a.time[:, None] + b.time[None] - 2
        self.grown = np.exp(theta[4] * self.missing)
        self.factors: Sequence[Array] = (
            variances[0] * _matern(self.apart) * self.grown,
            variances[1] * same * self.grown,
            np.broadcast_to(variances[2], gap.shape),
        )
        self.slow = [_matern(each) for each in self.gaps]
        self.terms = [f * g for f, g in zip(self.factors, self.slow, strict=True)]
        self._variance = variances[0]

    @property
    def total(self) -> Array:
        """The covariance of values, without noise, (rows of a, rows of b)."""
        return np.asarray(sum(self.terms))

    def slopes(self, inner: Array, noise: float) -> Array:
        """The sum of ``inner`` times the derivative by each parameter."""
        by_variance = [np.vdot(inner, term) for term in self.terms]
        by_growth = np.vdot(inner, self.missing * (self.terms[0] + self.terms[1]))
        by_time = [
            -2 * np.vdot(inner, factor * _slope(gap) * gap)
            for factor, gap in zip(self.factors, self.gaps, strict=True)
        ]
        weight = inner * (self._variance * self.grown * self.slow[0] * _slope(self.apart))
        by_scale = -2 * np.einsum("ij,ijk->k", weight, self.columns)
        by_noise = noise * np.trace(inner)
        return np.array([*by_variance, by_noise, by_growth, *by_time, *by_scale])


def variance(theta: Array, points: Points) -> Array:
    """The variance of values without noise, the diagonal of their covariance, (n,)."""
    settings, own, shared = np.exp(theta[:3])
    return np.asarray((settings + own) * np.exp(2 * theta[4] * (points.time - 1)) + shared)


def _matern(squares: Array) -> Array:
    """Matern's covariance with nu = 5/2 of squared distances (Rasmussen & Williams, 2006, 4.2)."""
    r = np.sqrt(5 * squares)
    return np.asarray((1 + r + r * r / 3) * np.exp(-r))


def _slope(squares: Array) -> Array:
    """The derivative of ``_matern``."""
    r = np.sqrt(5 * squares)
    return np.asarray(-5 / 6 * (1 + r) * np.exp(-r))
