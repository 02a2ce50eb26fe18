"""Gaussian processes: they predict the objective where it has not been measured."""

from __future__ import annotations

from copy import copy

import numpy as np

from dlrun.arrays import Array
from dlrun.search.kernel import JITTER, Kernels

_AT_ONCE = 128
"""Points that are predicted at once, so that their covariances stay in the processor's cache."""


class Surrogate:
    """Posterior processes, one per setting of the kernel: a mean and a standard deviation.

    Args:
        kernels: the settings.
        x: (n, columns), the points.
        y: (n,) or (settings, n), their values.
        exact: whether these are values of the objective itself, and not measured with noise.
    """

    def __init__(self, kernels: Kernels, x: Array, y: Array, exact: bool = False) -> None:
        from scipy.linalg.lapack import dtrtri

        self.kernels, self.x = kernels, x
        self.values = np.broadcast_to(y, (len(kernels.joint), len(x)))
        self.covariance = kernels(x, x)
        self._least = JITTER * kernels.variance
        noisy = self.covariance.copy()
        diagonal = np.arange(len(x))
        noise = 0.0 if exact else kernels.noise
        noisy[:, diagonal, diagonal] += (noise + self._least)[:, None]
        self.root = np.linalg.cholesky(noisy)
        self._inverse = np.array([dtrtri(each, lower=1)[0] for each in self.root])
        self._weights = self.solve(self.values)

    def solve(self, right: Array) -> Array:
        """The covariance's inverse, with noise, times a vector per setting (settings, n)."""
        half = self._inverse @ right[:, :, None]
        return np.asarray((self._inverse.transpose(0, 2, 1) @ half)[:, :, 0])

    def through(self, y: Array) -> Surrogate:
        """The same points with other values (settings, n)."""
        other = copy(self)
        other.values, other._weights = y, self.solve(y)
        return other

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation, (settings, m) each, without measurement noise."""
        found = [self._predict(x[at : at + _AT_ONCE]) for at in range(0, len(x), _AT_ONCE)]
        mean, deviation = zip(*found, strict=True)
        return np.concatenate(mean, axis=1), np.concatenate(deviation, axis=1)

    def _predict(self, x: Array) -> tuple[Array, Array]:
        covariance = self.kernels(self.x, x)
        root = self._inverse @ covariance
        variance = self.kernels.variance[:, None] - np.einsum("snm,snm->sm", root, root)
        mean = (self._weights[:, None] @ covariance)[:, 0]
        return mean, np.sqrt(np.maximum(variance, self._least[:, None]))

    def slopes(self, x: Array) -> tuple[Array, Array, Array, Array]:
        """Mean and standard deviation at one point, (settings,), and gradients with columns."""
        covariance, slope = self.kernels.slope(self.x, x)
        solved = self.solve(covariance)
        variance = self.kernels.variance - np.einsum("sn,sn->s", covariance, solved)
        deviation = np.sqrt(np.maximum(variance, self._least))
        mean = np.einsum("sn,sn->s", self._weights, covariance)
        mean_slope = np.einsum("sn,snc->sc", self._weights, slope)
        return (
            mean,
            deviation,
            mean_slope,
            -np.einsum("sn,snc->sc", solved, slope) / deviation[:, None],
        )


def believed(
    kernels: Kernels, x: Array, y: Array, waiting: Array, random: np.random.Generator
) -> Surrogate:
    """Processes through the true values of all trials, as far as those can be known.

    Every process has another draw of these values from its posterior, so that they differ by as
    much as noise leaves open; for running trials, by as much as nothing measured leaves open.
    Drawn by correcting a draw from the prior (Matheron's rule; Wilson et al., "Efficiently sampling
    functions from Gaussian process posteriors", ICML 2020).

    Args:
        kernels: the settings, one per process.
        x: (n, columns), the measured points.
        y: (n,), the measured values.
        waiting: (m, columns), the points of running trials.
        random: for the draws.
    """
    settings, measured = len(kernels.joint), len(x)
    blind = np.zeros(measured + len(waiting))
    prior = Surrogate(kernels, np.vstack([x, waiting]), blind, exact=True)
    posterior = Surrogate(kernels, x, y)
    drawn = (prior.root @ random.normal(size=(settings, len(blind), 1)))[:, :, 0]
    error = np.sqrt(kernels.noise)[:, None] * random.normal(size=(settings, measured))
    off = posterior.solve(y - drawn[:, :measured] - error)
    drawn += (prior.covariance[:, :, :measured] @ off[:, :, None])[:, :, 0]
    return prior.through(drawn)
