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
        theta: logarithms of four variances, three time scales and the scales of the columns.
        a, b: the points.
    """

    def __init__(self, theta: Array, a: Points, b: Points) -> None:
        variances, times, scales = np.split(np.exp(theta), (4, 7))
        self.columns = ((a.x[:, None, :] - b.x[None]) / scales) ** 2
        self.apart = self.columns.sum(axis=2)
        gap = (a.time[:, None] - b.time[None]) ** 2
        self.gaps = [gap / time**2 for time in times]
        same = a.trial[:, None] == b.trial[None]
        self.factors: Sequence[Array] = (
            variances[0] * _matern(self.apart),
            variances[1] * same,
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
        by_time = [
            -2 * np.vdot(inner, factor * _slope(gap) * gap)
            for factor, gap in zip(self.factors, self.gaps, strict=True)
        ]
        weight = inner * (self._variance * self.slow[0] * _slope(self.apart))
        by_scale = -2 * np.einsum("ij,ijk->k", weight, self.columns)
        return np.array([*by_variance, noise * np.trace(inner), *by_time, *by_scale])


def _matern(squares: Array) -> Array:
    """Matern's covariance with nu = 5/2 of squared distances (Rasmussen & Williams, 2006, 4.2)."""
    r = np.sqrt(5 * squares)
    return np.asarray((1 + r + r * r / 3) * np.exp(-r))


def _slope(squares: Array) -> Array:
    """The derivative of ``_matern``."""
    r = np.sqrt(5 * squares)
    return np.asarray(-5 / 6 * (1 + r) * np.exp(-r))
