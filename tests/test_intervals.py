from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dlrun.arrays import Array
from dlrun.intervals import Scale, estimate, worse

NUMBERS = st.floats(-1e3, 1e3)


@given(st.lists(NUMBERS, min_size=2, max_size=12), st.sampled_from([0.8, 0.95, 0.99]))
def test_the_interval_is_that_of_scipy(values: list[float], confidence: float) -> None:
    found = estimate(values, confidence)
    assert found.n == len(values)
    spread = stats.sem(values)
    if spread > 1e-5:
        low, high = stats.t.interval(confidence, len(values) - 1, found.mean, spread)
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9, abs=1e-9)
    elif spread < 1e-12 * max(map(abs, values)):
        assert found.low is None and found.high is None


def test_a_single_number_has_no_interval() -> None:
    found = estimate([3.0])
    assert (found.mean, found.low, found.high) == (3.0, None, None)


def test_seeds_that_change_nothing_are_no_evidence() -> None:
    assert estimate([0.1, 0.1, 0.1]).low is None
    assert estimate([0.3 - 0.2, 0.1, 0.4 - 0.3]).low is None  # equal but for rounding


def test_an_interval_stays_within_the_range_of_its_score() -> None:
    accuracy = Scale(0.0, 1.0, 1 / 20)
    found = estimate([1.0, 0.9, 0.95], of=accuracy)
    assert found.low is not None
    assert 0.0 < found.low < found.mean < 1.0 == found.high
    low = stats.t.interval(0.95, 2, found.mean, stats.sem([1.0, 0.9, 0.95]))[0]
    assert found.low == pytest.approx(low)
    assert estimate([1e-3, 2e-3], of=Scale(low=0.0)).low == 0.0


def test_scores_on_few_samples_spread_by_a_step_at_least() -> None:
    found = estimate([1.0, 1.0, 1.0], of=Scale(0.0, 1.0, 1 / 20))
    half = stats.t.ppf(0.975, 2) * (0.05 / 2**0.5) / 3**0.5
    assert found.low == pytest.approx(1.0 - half)
    assert found.high == 1.0


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8), st.sampled_from([0.5, 0.95, 0.999]))
def test_no_interval_leaves_the_range_or_its_mean(right: list[int], confidence: float) -> None:
    found = estimate([each / 30 for each in right], confidence, Scale(0.0, 1.0, 1 / 30))
    if len(right) == 1:
        assert found.low is None
    else:
        assert found.low is not None and found.high is not None
        assert 0.0 <= found.low <= found.mean <= found.high <= 1.0
        assert found.high - found.low > 0


DRAWS = 1500


def coverage(scores: Array, mean: float, of: Scale) -> float:
    found = [estimate(row, of=of) for row in scores.tolist()]
    return float(
        np.mean([each.low <= mean <= each.high for each in found])  # type: ignore[operator]
    )


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [2, 3, 5, 10])
def test_intervals_cover_what_they_say(seeds: int) -> None:
    """95 %, but for 3 standard errors of the simulation; of skewed scores they cover less."""
    random = np.random.default_rng(seeds)
    nominal = 0.95 - 3 * (0.95 * 0.05 / DRAWS) ** 0.5
    assert coverage(random.normal(size=(DRAWS, seeds)), 0.0, Scale()) >= nominal
    for samples in (10, 20, 50, 200):
        for right in (0.5, 0.9, 0.98, 0.995):
            scores = random.binomial(samples, right, (DRAWS, seeds)) / samples
            assert coverage(scores, right, Scale(0.0, 1.0, 1 / samples)) >= nominal
    losses = random.lognormal(0.0, 0.25, (DRAWS, seeds))
    assert coverage(losses, np.exp(0.25**2 / 2), Scale(low=0.0)) >= 0.92
    losses = random.lognormal(0.0, 0.5, (DRAWS, seeds))
    assert coverage(losses, np.exp(0.5**2 / 2), Scale(low=0.0)) >= 0.89


def test_two_trials_are_compared_by_the_paired_test_of_student() -> None:
    one, other = [0.1, 0.3, 0.2, 0.25], [0.2, 0.5, 0.25, 0.42]
    p = stats.ttest_rel(other, one, alternative="greater").pvalue
    assert worse({0: one, 1: other}, 0, p * 1.001) == {1}
    assert worse({0: one, 1: other}, 0, p * 0.999) == set()


def test_several_share_their_error_and_their_deviation() -> None:
    """Against the residual of a table of trials by seeds, with two degrees of freedom and more."""
    field = {0: [0.0, 0.2], 1: [1.0, 1.3], 2: [0.05, 0.2]}
    table = np.array(list(field.values()))
    residual = table - table.mean(1, keepdims=True) - table.mean(0) + table.mean()
    spread = np.sqrt(2 * (residual**2).sum() / 2)
    p = stats.t.sf(1.05 / (spread / 2**0.5), 2)
    assert worse(field, 0, 2 * p * 1.001) == {1}
    assert worse(field, 0, 2 * p * 0.999) == set()


@pytest.mark.slow
@pytest.mark.parametrize(("trials", "seeds"), [(2, 3), (8, 2), (8, 5), (30, 3)])
def test_equal_trials_are_not_told_apart(trials: int, seeds: int) -> None:
    random = np.random.default_rng(trials)
    for step in (0.0, 1 / 20):
        told = 0
        for _ in range(300):
            scores = random.normal(size=(trials, seeds)) + random.normal(size=seeds)
            if step:
                scores = 1 - random.binomial(20, 0.85, (trials, seeds)) / 20
            field = dict(enumerate(scores.tolist()))
            best = min(field, key=lambda number: sum(field[number]))
            told += len(worse(field, best, 0.025, step))
        # The better of two is as often the one as the other, so both sides count.
        assert told <= 0.05 * 300 * (trials - 1)
