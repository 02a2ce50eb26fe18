"""A Gaussian process of learning curves: predicts the values of trials after more epochs."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array
from dlrun.search.curve_covariance import Covariance, Points, variance

LEAST_NOISE = 0.01
"""Smallest variance of the noise: the ranks of values are not smooth functions of time."""
_FINEST = 1e-8
"""Smallest variance of a prediction."""
_STEPS = 15
"""Steps of the search for the parameters."""
FAR = 6.0
"""Standard deviations of a parameter from its prior median that the search does not exceed."""
_VARIANCES = (1.0, 0.3, 1.0, 0.02)
"""Prior medians of the variances: of settings, of single trials, of what all trials share, and of
the noise, if the variance of all values is 1."""
_GROWTH = 2.0
"""Prior median of the factor by which trials differ more after a whole training than after one
epoch."""
_TIMES = (1.0, 0.4, 0.7)
"""Prior medians of the length scales along the logarithm of epochs, in the order of variances."""
_SCALE = 0.5
"""Prior median of the length scale of a single column."""
_WIDTHS = (1.0, 0.5, 0.7, 0.8)
"""Standard deviations of the logarithms of variances, of the growth, of times and of scales."""


class CurveModel:
    """value(trial, t) = shared(t) + g(t) (settings(x, t) + own(trial, t)) + noise.

    All trials have the shape of ``shared`` in common, trials with similar settings x also that of
    ``settings``, and each trial differs from both in its own way; all three are Gaussian processes.
    Differences between trials grow with the epochs, by g(t) = growth^(t - 1): after one epoch,
    trials are closer together than at the end.  Covariances are Matern's with nu = 5/2, along the
    logarithm of epochs and, in the second, also between settings.  After Swersky, Snoek & Adams,
    "Freeze-thaw Bayesian optimization", 2014, whose kernel decays exponentially with the epochs;
    here the logarithm makes curves flatter, with no assumption about their limit, so they may also
    rise again.

    Args:
        points: where values are known.
        values: (n,), with a mean of about 0 and a variance of about 1.
        fitted: indices of the points from which the parameters are estimated, by maximum a
            posteriori with log-normal priors.
    """

    def __init__(self, points: Points, values: Array, fitted: Array) -> None:
        from scipy.linalg import cho_solve

        self._points = points
        self._theta = _fit(points.take(fitted), values[fitted])
        covariance = Covariance(self._theta, points, points).total
        covariance.flat[:: len(values) + 1] += math.exp(self._theta[3]) + LEAST_NOISE
        self._factor = np.linalg.cholesky(covariance)
        self._weights = cho_solve((self._factor, True), values)

    def predict(self, points: Points) -> tuple[Array, Array]:
        """Mean and standard deviation, (m,) each, without noise."""
        from scipy.linalg import solve_triangular

        covariance = Covariance(self._theta, self._points, points).total
        root = solve_triangular(self._factor, covariance, lower=True, check_finite=False)
        left = variance(self._theta, points) - np.einsum("ij,ij->j", root, root)
        return covariance.T @ self._weights, np.sqrt(np.maximum(left, _FINEST))


def prior(columns: int) -> tuple[Array, Array]:
    """Medians and standard deviations of the logarithms of all parameters, for so many columns."""
    scales = [_SCALE * math.sqrt(columns)] * columns
    centre = np.log([*_VARIANCES, _GROWTH, *_TIMES, *scales])
    return centre, np.repeat(_WIDTHS, (4, 1, 3, columns))


def _fit(points: Points, values: Array) -> Array:
    """The most probable logarithms of the parameters."""
    from scipy.linalg import cho_solve
    from scipy.optimize import minimize

    centre, width = prior(points.x.shape[1])
    identity = np.eye(len(values))

    def loss(theta: Array) -> tuple[float, Array]:
        parts, noise = Covariance(theta, points, points), math.exp(theta[3])
        covariance = parts.total + (noise + LEAST_NOISE) * identity
        off = (theta - centre) / width
        factor = np.linalg.cholesky(covariance)
        inverse = cho_solve((factor, True), identity)
        solved = inverse @ values
        fit = 0.5 * values @ solved + np.log(np.diag(factor)).sum()
        inner = 0.5 * (inverse - np.outer(solved, solved))
        return fit + 0.5 * off @ off, parts.slopes(inner, noise) + off / width

    bounds = np.stack([centre - FAR * width, centre + FAR * width], axis=1)
    options = {"maxiter": _STEPS}
    found = minimize(loss, centre, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(found.x)
