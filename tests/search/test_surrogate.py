from __future__ import annotations

import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern

from dlrun.search.kernel import JITTER, LEVEL, Kernels
from dlrun.search.surrogate import Surrogate, believed

X = np.random.default_rng(0).random((12, 3))
Y = np.sin(3 * X[:, 0]) + X[:, 1] ** 2
POINTS = np.random.default_rng(1).random((300, 3))


def kernels(settings: int = 1, noise: float = 0.01, alone: float = 0.5) -> Kernels:
    scales = np.tile([0.4, 0.9, 2.0], (settings, 1)) * np.linspace(1, 2, settings)[:, None]
    return Kernels(
        np.full(settings, 1.3), np.full(settings, alone), scales, np.full(settings, noise)
    )


def test_it_goes_through_exact_values() -> None:
    surrogate = Surrogate(kernels(2), X, Y, exact=True)
    mean, deviation = surrogate.predict(X)
    np.testing.assert_allclose(mean, np.tile(Y, (2, 1)), atol=1e-5)
    assert deviation.max() < 1e-3


def test_far_away_it_knows_the_level_alone() -> None:
    surrogate = Surrogate(kernels(alone=0.0, noise=0.0), X[:1], Y[:1])
    mean, deviation = surrogate.predict(np.full((1, 3), 1e3))
    np.testing.assert_allclose(mean, Y[0] * LEVEL / (LEVEL + 1.3), rtol=1e-6)
    np.testing.assert_allclose(deviation**2, 1.3 + LEVEL * 1.3 / (LEVEL + 1.3), rtol=1e-6)


def test_it_is_that_of_scikit_learn() -> None:
    ours = Surrogate(kernels(3, alone=0.0), X, Y).predict(POINTS)
    for setting in range(3):
        scales = kernels(3).scales[setting]
        kernel = ConstantKernel(1.3) * Matern(scales, nu=2.5) + ConstantKernel(LEVEL)
        noise = 0.01 + JITTER * (1.3 + LEVEL)
        theirs = GaussianProcessRegressor(kernel, alpha=noise, optimizer=None).fit(X, Y)
        mean, deviation = theirs.predict(POINTS, return_std=True)
        np.testing.assert_allclose(ours[0][setting], mean, rtol=1e-7)
        np.testing.assert_allclose(ours[1][setting], deviation, rtol=1e-5)


def test_its_slopes_are_those_of_finite_differences() -> None:
    surrogate, step = Surrogate(kernels(2), X, Y), 1e-5
    for x in POINTS[:5]:
        mean, deviation, *slopes = surrogate.slopes(x)
        np.testing.assert_allclose([mean, deviation], np.array(surrogate.predict(x[None]))[..., 0])
        for column, axis in enumerate(np.eye(3)):
            ends = [np.array(surrogate.predict((x + s * step * axis)[None])) for s in (1, -1)]
            wanted = (ends[0] - ends[1])[..., 0] / (2 * step)
            found = [slope[:, column] for slope in slopes]
            np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)


def test_drawn_values_have_the_moments_of_the_posterior() -> None:
    """At measured points and at those of running trials."""
    one = kernels(noise=0.2)
    many = Kernels(
        *(np.repeat(each, 4000, axis=0) for each in (one.joint, one.alone)),
        np.repeat(one.scales, 4000, axis=0),
        np.repeat(one.noise, 4000),
    )
    x, y, waiting = X[:6], Y[:6], POINTS[:2]
    drawn = believed(many, x, y, waiting, np.random.default_rng(2)).values
    points = np.vstack([x, waiting])
    mean, deviation = Surrogate(one, x, y).predict(points)
    np.testing.assert_allclose(drawn.mean(axis=0), mean[0], atol=4 * deviation.max() / 4000**0.5)
    np.testing.assert_allclose(drawn.std(axis=0), deviation[0], rtol=0.05)
    noisy = one(x, x)[0] + 0.2 * np.eye(6)
    cross = one(x, points)[0]
    wanted = one(points, points)[0] - cross.T @ np.linalg.solve(noisy, cross)
    np.testing.assert_allclose(np.cov(drawn.T), wanted, atol=0.03)


def test_processes_go_through_what_is_believed() -> None:
    process = believed(kernels(4), X, Y, POINTS[:3], np.random.default_rng(3))
    mean, deviation = process.predict(np.vstack([X, POINTS[:3]]))
    np.testing.assert_allclose(mean, process.values, atol=1e-5)
    assert deviation.max() < 1e-3
    assert process.values[:, -3:].std(axis=0).min() > 0


def test_without_noise_what_is_believed_was_measured() -> None:
    process = believed(kernels(4, noise=0.0), X, Y, POINTS[:0], np.random.default_rng(4))
    np.testing.assert_allclose(process.values, np.tile(Y, (4, 1)), atol=1e-3)
