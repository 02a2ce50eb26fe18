from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm, rankdata, spearmanr

from dlrun.search.curve_covariance import Covariance, Points
from dlrun.search.curve_model import FAR, LEAST_NOISE, CurveModel, prior


def curves(trials: int = 6, epochs: int = 5, seed: int = 0) -> tuple[Points, np.ndarray]:
    """Power laws whose ends depend on the first of two settings, as standardized values."""
    random = np.random.default_rng(seed)
    x = random.random((trials, 2))
    time = np.tile(np.linspace(0.0, 1.0, epochs), trials)
    points = Points(np.repeat(x, epochs, axis=0), time, np.repeat(np.arange(trials), epochs))
    values = points.x[:, 0] + np.exp(-3 * time) + 0.01 * random.normal(size=len(time))
    return points, (values - values.mean()) / values.std()


def covariance(theta: np.ndarray, a: Points, b: Points) -> np.ndarray:
    """The formula of the docstring, number by number."""

    def matern(distance: float) -> float:
        r = math.sqrt(5) * distance
        return (1 + r + r * r / 3) * math.exp(-r)

    variances, growth, times, scales = np.split(np.exp(theta), (4, 5, 8))
    found = np.empty((len(a.time), len(b.time)))
    for i, j in np.ndindex(*found.shape):
        gap = abs(a.time[i] - b.time[j])
        apart = math.sqrt((((a.x[i] - b.x[j]) / scales) ** 2).sum())
        settings = variances[0] * matern(apart) * matern(gap / times[0])
        own = variances[1] * (a.trial[i] == b.trial[j]) * matern(gap / times[1])
        grown = growth[0] ** (a.time[i] - 1) * growth[0] ** (b.time[j] - 1)
        found[i, j] = grown * (settings + own) + variances[2] * matern(gap / times[2])
    return found


def test_predictions_are_those_of_the_formula() -> None:
    points, values = curves()
    model = CurveModel(points, values, np.arange(len(values)))
    ends, _ = curves(seed=1)
    mean, deviation = model.predict(ends)
    theta = model._theta
    known = covariance(theta, points, points) + (math.exp(theta[3]) + 0.01) * np.eye(len(values))
    between = covariance(theta, points, ends)
    np.testing.assert_allclose(mean, between.T @ np.linalg.solve(known, values), rtol=1e-6)
    prior = [
        covariance(theta, one, one)[0, 0] for one in (ends.take(np.array([n])) for n in range(30))
    ]
    variance = prior - (between * np.linalg.solve(known, between)).sum(axis=0)
    np.testing.assert_allclose(deviation, np.sqrt(variance), rtol=1e-4)


def test_ends_are_predicted_from_the_begins_of_curves_and_from_settings() -> None:
    points, values = curves(20)
    begun = (points.trial < 10) | (points.time < 0.6)  # ten whole curves, and ten begun ones
    known = points.take(np.flatnonzero(begun & (points.trial < 15)))  # and five without any
    model = CurveModel(known, values[begun & (points.trial < 15)], np.arange(len(known.time)))
    rows = np.flatnonzero((points.trial >= 10) & (points.time == 1.0))
    mean, deviation = model.predict(points.take(rows))
    assert np.abs(mean - values[rows]).max() < 0.3
    assert (np.abs(mean - values[rows]) / deviation).max() < 4
    assert deviation[:5].mean() < deviation[5:].mean()  # a curve tells more than its settings
    last = np.flatnonzero((points.trial < 10) & (points.time == 1.0))
    mean, deviation = model.predict(points.take(last))
    assert mean == pytest.approx(values[last], abs=0.1)
    assert deviation.max() < 0.2


def test_trials_that_are_worse_after_one_epoch_are_not_predicted_to_catch_up() -> None:
    """Trials differ little after one epoch, and only the best of them were trained further."""
    trials, trained, times = 30, 5, np.linspace(0.0, 1.0, 5)
    reached = np.where(np.arange(trials) < trained, 5, 1)
    orders, worse = [], []
    for seed in range(4):
        random = np.random.default_rng(seed)
        end, x = np.sort(random.random(trials)), random.random((trials, 3))
        points = Points(
            np.repeat(x, reached, axis=0),
            np.concatenate([times[:count] for count in reached]),
            np.repeat(np.arange(trials), reached),
        )
        grown = np.repeat(end, reached) * 8.0 ** (points.time - 1)
        seen = 4 * grown - points.time + 0.02 * random.normal(size=len(grown))
        values = norm.ppf(rankdata(seen) / (len(seen) + 1))
        model = CurveModel(points, values, np.arange(len(values)))
        ends = Points(x[trained:], np.ones(trials - trained), np.arange(trained, trials))
        mean, _ = model.predict(ends)
        orders.append(spearmanr(mean, end[trained:]).statistic)
        worse.append((mean > values[points.time == 1.0].max()).mean())
    assert min(orders) > 0.9
    assert np.mean(worse) > 0.75


@pytest.mark.parametrize("values", ["equal", "extreme", "random"])
def test_any_values_have_a_model(values: str) -> None:
    """The search for the parameters tries extreme ones, which must not overflow."""
    for seed in range(8):
        random = np.random.default_rng(seed)
        trials, columns = int(random.integers(1, 30)), int(random.integers(1, 9))
        reached = random.integers(1, 7, trials)
        points = Points(
            np.repeat(random.integers(0, 2, (trials, columns)).astype(float), reached, axis=0),
            np.concatenate([np.linspace(0.0, 1.0, 6)[:count] for count in reached]),
            np.repeat(np.arange(trials), reached),
        )
        seen = {
            "equal": np.zeros(len(points.time)),
            "extreme": random.choice([-3.0, 3.0], len(points.time)),
            "random": random.normal(size=len(points.time)),
        }[values]
        mean, deviation = CurveModel(points, seen, np.arange(len(seen))).predict(points)
        assert np.isfinite(mean).all() and (deviation > 0).all()


def test_no_parameters_within_the_bounds_make_the_covariance_singular() -> None:
    random = np.random.default_rng(7)
    points, _ = curves(20)
    columns = points.x.shape[1]
    centre, width = prior(columns)
    for _ in range(200):
        theta = centre + FAR * width * random.choice([-1.0, 1.0], len(centre))
        covariance = Covariance(theta, points, points).total
        noisy = covariance + LEAST_NOISE * np.eye(len(points.time))
        assert np.linalg.eigvalsh(noisy).min() > LEAST_NOISE / 2
