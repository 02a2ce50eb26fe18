from __future__ import annotations

import math

import numpy as np
import pytest

from dlrun.search.curve_covariance import Points
from dlrun.search.curve_model import CurveModel


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

    variances, times, scales = np.split(np.exp(theta), (4, 7))
    found = np.empty((len(a.time), len(b.time)))
    for i, j in np.ndindex(*found.shape):
        gap = abs(a.time[i] - b.time[j])
        apart = math.sqrt((((a.x[i] - b.x[j]) / scales) ** 2).sum())
        found[i, j] = (
            variances[0] * matern(apart) * matern(gap / times[0])
            + variances[1] * (a.trial[i] == b.trial[j]) * matern(gap / times[1])
            + variances[2] * matern(gap / times[2])
        )
    return found


def test_predictions_are_those_of_the_formula() -> None:
    points, values = curves()
    model = CurveModel(points, values, np.arange(len(values)))
    ends, _ = curves(seed=1)
    mean, deviation = model.predict(ends)
    theta = model._theta
    known = covariance(theta, points, points) + (math.exp(theta[3]) + 1e-8) * np.eye(len(values))
    between = covariance(theta, points, ends)
    np.testing.assert_allclose(mean, between.T @ np.linalg.solve(known, values), rtol=1e-6)
    variance = np.exp(theta[:3]).sum() - (between * np.linalg.solve(known, between)).sum(axis=0)
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
