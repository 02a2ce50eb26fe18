from __future__ import annotations

import math

import numpy as np
from scipy.optimize import approx_fprime

from dlrun.search.curve_covariance import Covariance, Points, variance


def test_slopes_are_those_of_finite_differences() -> None:
    random = np.random.default_rng(2)
    points = Points(random.random((9, 2)), random.random(9), np.repeat(np.arange(3), 3))
    theta, inner = random.normal(0.0, 0.3, 10), random.normal(size=(9, 9))

    def weighted(at: np.ndarray) -> float:
        noise = math.exp(at[3]) * np.eye(9)
        return float(np.vdot(inner, Covariance(at, points, points).total + noise))

    slopes = Covariance(theta, points, points).slopes(inner, math.exp(theta[3]))
    np.testing.assert_allclose(slopes, approx_fprime(theta, weighted, 1e-7), rtol=1e-4, atol=1e-4)


def test_variances_are_the_diagonal_of_the_covariance() -> None:
    random = np.random.default_rng(3)
    points = Points(random.random((9, 2)), random.random(9), np.repeat(np.arange(3), 3))
    theta = random.normal(0.0, 0.3, 10)
    diagonal = np.diag(Covariance(theta, points, points).total)
    np.testing.assert_allclose(variance(theta, points), diagonal)


def test_points_can_be_taken() -> None:
    points = Points(np.eye(3), np.array([0.0, 0.5, 1.0]), np.array([0, 0, 1]))
    taken = points.take(np.array([2, 0]))
    assert taken.x.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert taken.time.tolist() == [1.0, 0.0] and taken.trial.tolist() == [1, 0]
