from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from dlrun.search.acquisition import ExpectedImprovement
from dlrun.search.kernel import Kernels
from dlrun.search.surrogate import Surrogate

NOWHERE = np.array([], int)
RANGED = np.array([0, 2])


def process(shift: float = 0.0) -> Surrogate:
    """Two settings; with a shift, the values are so much lower than those that they go through."""
    random = np.random.default_rng(0)
    x = random.random((12, 3))
    y = np.sin(3 * x[:, 0]) + x[:, 1] ** 2
    scales = np.array([[0.4, 0.9, 2.0], [0.2, 0.3, 0.5]])
    kernels = Kernels(np.array([1.3, 0.8]), np.array([0.5, 0.1]), scales, np.full(2, 0.1))
    surrogate = Surrogate(kernels, x, y)
    surrogate.values = surrogate.values - shift
    return surrogate


@pytest.mark.parametrize("shift", [-2.0, 0.0, 0.5, 3.0])
def test_its_slope_is_that_of_finite_differences(shift: float) -> None:
    improvement = ExpectedImprovement(process(shift), RANGED, price=0.7)
    random, step = np.random.default_rng(3), 1e-5
    for number in range(10):
        x, direction = random.random(3), random.normal(size=3)
        x[number % 3] = [0.03, 0.97, 0.5][number % 3]
        value, slope = improvement.slope(x)
        assert value == pytest.approx(float(improvement(x[None])[0]), rel=1e-9)
        ends = improvement(np.array([x + step * direction, x - step * direction]))
        assert slope @ direction == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-4)


@pytest.mark.parametrize("shift", [-1.0, 0.0, 0.5])
def test_it_is_the_logarithm_of_the_mean_improvement(shift: float) -> None:
    surrogate = process(shift)
    points = np.random.default_rng(4).random((50, 3))
    mean, deviation = surrogate.predict(points)
    u = (surrogate.values.min(axis=1)[:, None] - mean) / deviation
    plain = (deviation * (u * norm.cdf(u) + norm.pdf(u))).mean(axis=0)
    found = ExpectedImprovement(surrogate, NOWHERE, price=1.0)(points)
    np.testing.assert_allclose(np.exp(found), plain, rtol=1e-6)


def test_it_has_a_slope_where_the_improvement_itself_is_zero() -> None:
    x = np.full(3, 0.5)
    found = [ExpectedImprovement(process(shift), NOWHERE, 0.0).slope(x) for shift in (5, 10, 40)]
    values = [value for value, _ in found]
    assert values[0] > values[1] > values[2] > -math.inf
    assert np.exp(values[2]) == 0.0
    assert np.abs(found[2][1]).max() > 0


def test_edges_have_a_price() -> None:
    free, dear = (ExpectedImprovement(process(), RANGED, price) for price in (0.0, 2.0))
    points = np.array([[0.5, 0.5, 0.5], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0], [0.95, 0.5, 0.9]])
    np.testing.assert_allclose(free(points) - dear(points), [0.0, 2.0, 4.0, 0.5])
