"""A Gaussian process: predicts the objective where it has not been measured."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlrun.arrays import Array

_SCALE, _SCALE_WIDTH = 0.5, 0.8
"""Prior of the length scales: median for a single column, and standard deviation of the
logarithm."""
_NOISE, _NOISE_WIDTH = 1e-3, 2.0
"""Prior of the noise variance, if the objective's variance is 1."""
_JITTER = 1e-9
_ANY = (1e-12, 1e12)
"""Bounds that the priors keep all parameters away from."""
_STEPS = 40


@dataclass(frozen=True, slots=True)
class Kernel:
    """k(a, b) = variance (1 + r + r^2 / 3) exp(-r), r = sqrt(5) |(a - b) / scales|.

    The Matern covariance with nu = 5/2 (Rasmussen & Williams, "Gaussian processes for machine
    learning", 2006, section 4.2): functions that are exactly twice differentiable.

    Attributes:
        variance: of the objective.
        scales: (columns,), the length scale of each column.
        noise: variance of repeated measurements at the same point.
    """

    variance: float
    scales: Array
    noise: float

    def __call__(self, a: Array, b: Array) -> Array:
        """Covariances, (rows of a, rows of b)."""
        r = self._distance(a, b)
        return np.asarray(self.variance * (1 + r + r * r / 3) * np.exp(-r))

    def slope(self, a: Array, x: Array) -> Array:
        """d k(a, x) / dx, (rows of a, columns), for one point x."""
        r = self._distance(a, x[None])
        return np.asarray(
            self.variance * 5 / 3 * (1 + r) * np.exp(-r) * (a - x) / (self.scales * self.scales)
        )

    def _distance(self, a: Array, b: Array) -> Array:
        from scipy.spatial.distance import cdist

        return np.asarray(math.sqrt(5) * cdist(a / self.scales, b / self.scales))


def fit(x: Array, y: Array) -> Kernel:
    """The kernel that explains measurements best, given its priors.

    Maximum a posteriori with log-normal priors, by L-BFGS. The prior length scales grow with the
    root of the number of columns, like distances (Hvarfner, Hellsten & Nardi, "Vanilla Bayesian
    optimization performs great in high dimensions", ICML 2024).

    Args:
        x: (n, columns).
        y: (n,), with mean 0 and variance 1.
    """
    from skopt.learning import GaussianProcessRegressor
    from skopt.learning.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    columns = x.shape[1]
    scale = _SCALE * math.sqrt(columns)
    centre = np.log([1.0, *[scale] * columns, _NOISE])
    width = np.array([1.0, *[_SCALE_WIDTH] * columns, _NOISE_WIDTH])

    def minimize(
        likelihood: Callable[..., Any], initial_theta: Array, bounds: Array
    ) -> tuple[Array, float]:
        from scipy.optimize import minimize

        def loss(theta: Array) -> tuple[float, Array]:
            value, slope = likelihood(theta, eval_gradient=True)
            off = (theta - centre) / width
            return value + 0.5 * off @ off, slope + off / width

        options = {"maxiter": _STEPS}
        best = minimize(
            loss, initial_theta, jac=True, bounds=bounds, method="L-BFGS-B", options=options
        )
        return best.x, best.fun

    kernel = ConstantKernel(1.0, _ANY) * Matern(
        [scale] * columns, [_ANY] * columns, nu=2.5
    ) + WhiteKernel(_NOISE, _ANY)
    process = GaussianProcessRegressor(kernel, alpha=_JITTER, optimizer=minimize)
    process.fit(x, y)
    variance, *scales, noise = np.exp(process.kernel_.theta)
    return Kernel(float(variance), np.array(scales), float(noise))


class Surrogate:
    """The posterior process: a mean and a standard deviation everywhere.

    Args:
        kernel: as fitted.
        x: (n, columns), the measured points.
        y: (n,), the measured values.
    """

    def __init__(self, kernel: Kernel, x: Array, y: Array) -> None:
        from scipy.linalg import cho_factor, cho_solve

        self.kernel, self._x, self._y = kernel, x, y
        covariance = kernel(x, x)
        covariance.flat[:: len(x) + 1] += kernel.noise + _JITTER
        self._factor = cho_factor(covariance, lower=True)
        self._weights = cho_solve(self._factor, y)

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation, (m,) each, without measurement noise."""
        from scipy.linalg import solve_triangular

        covariance = self.kernel(self._x, x)
        root = solve_triangular(self._factor[0], covariance, lower=True, check_finite=False)
        variance = self.kernel.variance - np.einsum("ij,ij->j", root, root)
        return self._weights @ covariance, np.sqrt(np.maximum(variance, _JITTER))

    def slopes(self, x: Array) -> tuple[float, float, Array, Array]:
        """Mean and standard deviation at one point, and their gradients (columns,)."""
        from scipy.linalg import cho_solve

        covariance = self.kernel(self._x, x[None])[:, 0]
        slope = self.kernel.slope(self._x, x)
        solved = cho_solve(self._factor, covariance, check_finite=False)
        variance = max(self.kernel.variance - covariance @ solved, _JITTER)
        deviation = math.sqrt(variance)
        mean = float(self._weights @ covariance)
        return mean, deviation, self._weights @ slope, -(solved @ slope) / deviation

    def believing(self, x: Array) -> Surrogate:
        """The process as if the value at every further point (m, columns) were its current mean.

        The mean stays the same and the standard deviation decreases around the points: "kriging
        believer", Ginsbourger, Le Riche & Carraro, "Kriging is well-suited to parallelize
        optimization", 2010.
        """
        mean, _ = self.predict(x)
        return Surrogate(self.kernel, np.vstack([self._x, x]), np.concatenate([self._y, mean]))
