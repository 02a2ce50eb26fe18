from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from dlrun.search.acquisition import ExpectedImprovement
from dlrun.search.surrogate import Kernel, Surrogate, fit


def process(noise: float = 1e-4) -> tuple[Surrogate, np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    x = random.random((12, 3))
    y = np.sin(3 * x[:, 0]) + x[:, 1] ** 2
    return Surrogate(Kernel(1.3, np.array([0.4, 0.9, 2.0]), noise), x, y), x, y


def test_a_process_goes_through_what_was_measured() -> None:
    surrogate, x, y = process(noise=0.0)
    mean, deviation = surrogate.predict(x)
    np.testing.assert_allclose(mean, y, atol=1e-6)
    assert deviation.max() < 1e-3
    _, away = surrogate.predict(np.full((1, 3), 50.0))
    assert away[0] == pytest.approx(math.sqrt(1.3))


def test_it_is_that_of_scikit_learn() -> None:
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern

    surrogate, x, y = process()
    kernel = ConstantKernel(1.3) * Matern([0.4, 0.9, 2.0], nu=2.5)
    theirs = GaussianProcessRegressor(kernel, alpha=1e-4 + 1e-9, optimizer=None).fit(x, y)
    points = np.random.default_rng(1).random((20, 3))
    mean, deviation = theirs.predict(points, return_std=True)
    ours = surrogate.predict(points)
    np.testing.assert_allclose(ours[0], mean, rtol=1e-8)
    np.testing.assert_allclose(ours[1], deviation, rtol=1e-6)


def test_believing_keeps_the_mean_and_narrows_the_deviation() -> None:
    surrogate, _, _ = process()
    points = np.random.default_rng(2).random((20, 3))
    mean, deviation = surrogate.predict(points)
    again, narrower = surrogate.believing(points[:3]).predict(points)
    np.testing.assert_allclose(again, mean, atol=1e-3)
    assert np.all(narrower <= deviation + 1e-12)
    assert narrower[:3].max() < 0.1 * deviation[:3].max()


@pytest.mark.parametrize("best", [-3.0, -0.5, 0.0, 0.7])
def test_its_slope_is_that_of_the_improvement(best: float) -> None:
    surrogate, _, _ = process()
    improvement = ExpectedImprovement(surrogate, best)
    random = np.random.default_rng(3)
    for _ in range(10):
        x, direction = random.random(3), random.normal(size=3)
        value, slope = improvement.slope(x)
        assert value == pytest.approx(float(improvement(x[None])[0]), rel=1e-9)
        step = 1e-5
        ends = improvement(np.array([x + step * direction, x - step * direction]))
        assert slope @ direction == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5)


def test_it_is_the_logarithm_of_the_expected_improvement() -> None:
    surrogate, _, _ = process()
    points = np.random.default_rng(4).random((50, 3))
    mean, deviation = surrogate.predict(points)
    for best in (-0.2, 0.3, 2.0):
        u = (best - mean) / deviation
        plain = deviation * (u * norm.cdf(u) + norm.pdf(u))
        counted = plain > 1e-6
        found = ExpectedImprovement(surrogate, best)(points)
        np.testing.assert_allclose(np.exp(found[counted]), plain[counted], rtol=1e-6)


def test_it_falls_on_where_the_improvement_itself_is_zero() -> None:
    surrogate, x, _ = process()
    values = [float(ExpectedImprovement(surrogate, best)(x[:1])[0]) for best in (-5, -10, -40)]
    assert values[0] > values[1] > values[2] > -math.inf


def test_a_fit_finds_which_column_matters_and_how_much_is_noise() -> None:
    random = np.random.default_rng(5)
    x = random.random((80, 3))
    y = np.sin(9 * x[:, 0]) + 0.1 * random.normal(size=80)
    kernel = fit(x, (y - y.mean()) / y.std())
    assert kernel.scales[0] < 0.5 * kernel.scales[1:].min()
    assert 0.005 < kernel.noise < 0.06
