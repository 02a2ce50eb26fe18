from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from benchmarks.search.intervals import difference, interval, mean_ranks, ranks


def test_the_interval_of_a_mean_is_that_of_scipy() -> None:
    values = np.random.default_rng(0).gamma(2.0, size=30)
    found = interval(values)
    other = stats.bootstrap(
        [values], np.mean, method="percentile", n_resamples=9999, rng=np.random.default_rng(1)
    ).confidence_interval
    assert found.mean == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx((other.low, other.high), rel=0.02)


def test_differences_are_seed_by_seed() -> None:
    random = np.random.default_rng(0)
    theirs, less = random.normal(0, 100, 20), random.normal(-1, 0.1, 20)
    found = difference(list(theirs + less), list(theirs))
    other = stats.ttest_1samp(less, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((other.low, other.high))


@pytest.mark.parametrize("less", [[1.0], [2.0, 2.0]])
def test_differences_without_spread_have_no_ends(less: list[float]) -> None:
    found = difference(less, [0.0] * len(less))
    assert (found.mean, found.low, found.high) == (less[0], -math.inf, math.inf)


def test_searches_without_a_value() -> None:
    assert interval([1.0, math.inf]).high == math.inf
    assert difference([math.inf, 1.0], [math.inf, 2.0]).mean == -0.5
    assert difference([1.0, 1.0], [math.inf, 2.0]).high == math.inf


def test_ranks_share_ties_and_put_failures_last() -> None:
    found = ranks(np.array([[0.1, 0.0], [0.3, 0.0], [math.inf, 5.0]]))
    assert found.tolist() == [[1, 1.5], [2, 1.5], [3, 3]]


def test_mean_ranks() -> None:
    first = np.array([[1.0, 1, 1, 1], [2.0, 2, 2, 2]])
    assert [each[0].mean for each in mean_ranks([[first]], 0)] == [1, 2]
    assert mean_ranks([[first]], 0)[1][1] == mean_ranks([[first], [first]], 0)[1][1]
    mixed = mean_ranks([[first], [first[::-1]]], 0)
    assert [each[0].mean for each in mixed] == [1.5, 1.5]
    assert (mixed[1][1].low, mixed[1][1].high) == (-1, 1)  # either function may be drawn twice


def test_levels_of_noise_are_drawn_together_and_count_alike() -> None:
    first, second = np.array([[1.0], [2.0]]), np.array([[2.0], [1.0]])
    (found, _), _ = mean_ranks([[first, first, first], [second]], 1)
    assert found.mean == 1.25
    assert (found.low, found.high) == (1, 2)
