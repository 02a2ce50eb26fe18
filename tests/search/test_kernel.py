from __future__ import annotations

import math

import numpy as np

from dlrun.search.kernel import LEVEL, Kernels, matern

KERNELS = Kernels(
    joint=np.array([1.3, 0.2]),
    alone=np.array([0.7, 2.0]),
    scales=np.array([[0.4, 0.9, 2.0], [1.0, 0.1, 0.3]]),
    noise=np.array([1e-4, 0.1]),
)


def points(rows: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((rows, 3))


def test_it_is_a_sum_of_the_covariances_of_scikit_learn() -> None:
    from sklearn.gaussian_process.kernels import Matern

    a, b = points(7, 0), points(5, 1)
    found = KERNELS(a, b)
    for setting in range(2):
        scales = KERNELS.scales[setting]
        wanted = LEVEL + KERNELS.joint[setting] * Matern(scales, nu=2.5)(a, b)
        for column in range(3):
            one = Matern(scales[column] / math.sqrt(3), nu=2.5)
            share = KERNELS.alone[setting] / 3
            wanted += share * one(a[:, column, None], b[:, column, None])
        np.testing.assert_allclose(found[setting], wanted, rtol=1e-10)


def test_the_variance_is_the_covariance_with_itself() -> None:
    a = points(4, 2)
    diagonal = np.einsum("sii->si", KERNELS(a, a))
    np.testing.assert_allclose(diagonal, np.tile(KERNELS.variance[:, None], (1, 4)))


def test_its_slope_is_that_of_finite_differences() -> None:
    a, x, step = points(6, 3), points(1, 4)[0], 1e-6
    value, slope = KERNELS.slope(a, x)
    np.testing.assert_allclose(value, KERNELS(a, x[None])[:, :, 0], rtol=1e-12)
    for column, axis in enumerate(np.eye(3)):
        ends = [KERNELS(a, (x + sign * step * axis)[None])[:, :, 0] for sign in (1, -1)]
        np.testing.assert_allclose(
            slope[:, :, column], (ends[0] - ends[1]) / (2 * step), rtol=1e-6, atol=1e-8
        )


def test_at_a_measured_point_the_slope_is_zero() -> None:
    a = points(3, 5)
    _, slope = KERNELS.slope(a, a[1])
    np.testing.assert_array_equal(slope[:, 1], 0.0)


def test_covariances_have_a_root() -> None:
    a = points(40, 6)
    assert np.linalg.eigvalsh(KERNELS(a, a)).min() > 0
    assert matern(np.zeros(1))[0] == 1.0
