from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dlrun.arrays import Array
from dlrun.intervals import Scale, estimate

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
    assert found.low < low  # accuracies near 1 are skewed
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


def two(mean: float, half: float) -> list[float]:
    """Two values with this mean, whose t-interval is mean -+ half."""
    away = half / float(stats.t.ppf(0.975, 1))
    return [mean - away, mean + away]


@given(st.integers(1, 199), st.sampled_from([(0.0, 1.0), (-1.0, 1.0), (2.0, 6.0)]))
def test_a_fraction_has_the_wider_end_of_student_and_wilson(
    right: int, ends: tuple[float, float]
) -> None:
    """With a standard error as of 200 samples, the interval of Wilson is that of SciPy."""
    share, (bottom, top) = right / 200, ends
    half = float(stats.norm.ppf(0.975)) * (share * (1 - share) / 200) ** 0.5
    wilson = stats.binomtest(right, 200).proportion_ci(0.95, method="wilson")
    width = top - bottom
    found = estimate(two(bottom + width * share, width * half), of=Scale(bottom, top))
    low, high = min(wilson.low, share - half), max(wilson.high, share + half)
    assert found.low == pytest.approx(bottom + width * max(0.0, low), abs=1e-6)
    assert found.high == pytest.approx(bottom + width * min(1.0, high), abs=1e-6)


@given(st.floats(1.0, 400.0), st.booleans())
def test_a_score_with_one_bound_is_as_uncertain_as_a_count(count: float, upper: bool) -> None:
    """The end in the tail is the mu of which the count is 1.96 standard deviations, sqrt(mu)."""
    z = float(stats.norm.ppf(0.975))
    sign = -1.0 if upper else 1.0
    scale = Scale(high=0.0) if upper else Scale(low=0.0)
    found = estimate(two(sign * count, z * count**0.5), of=scale)
    assert found.low is not None and found.high is not None
    tail, bound = (found.low, found.high) if upper else (found.high, found.low)
    mu = sign * tail
    assert (mu - count) / mu**0.5 == pytest.approx(z, rel=1e-5)
    assert sign * bound == pytest.approx(max(0.0, count - z * count**0.5), abs=1e-6)


@given(st.lists(st.integers(0, 30), min_size=2, max_size=8))
def test_an_error_rate_has_the_mirrored_interval(right: list[int]) -> None:
    scale = Scale(0.0, 1.0, 1 / 30)
    accuracy = estimate([each / 30 for each in right], of=scale)
    error = estimate([1 - each / 30 for each in right], of=scale)
    assert accuracy.low is not None and error.high is not None
    assert accuracy.low == pytest.approx(1 - error.high, abs=1e-12)


def coverage(scores: Array, mean: float, of: Scale) -> float:
    found = [estimate(row, of=of) for row in scores.tolist()]
    return float(
        np.mean([each.low <= mean <= each.high for each in found])  # type: ignore[operator]
    )


def nominal(draws: int) -> float:
    """95 %, but for 3 standard errors of the simulation."""
    return float(0.95 - 3 * (0.95 * 0.05 / draws) ** 0.5)


def accuracies(
    random: np.random.Generator, samples: int, draws: tuple[int, int]
) -> tuple[Array, float]:
    """Accuracies of seeds that differ by 0.02, beta-distributed and skewed; and their mean."""
    size = 0.95 * 0.05 / 0.02**2 - 1
    right = random.beta(0.95 * size, 0.05 * size, draws)
    return random.binomial(samples, right) / samples, 0.95


@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_intervals_cover_the_mean_in_95_of_100_studies(seeds: int) -> None:
    random, draws = np.random.default_rng(seeds), 500
    assert coverage(random.normal(size=(draws, seeds)), 0.0, Scale()) >= nominal(draws)
    for samples in (50, 1000):
        scores, mean = accuracies(random, samples, (draws, seeds))
        assert coverage(scores, mean, Scale(0.0, 1.0, 1 / samples)) >= nominal(draws)
    losses = random.lognormal(0.0, 0.25, (draws, seeds))
    assert coverage(losses, np.exp(0.25**2 / 2), Scale(low=0.0)) >= nominal(draws)


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [2, 3, 5, 10])
def test_intervals_cover_what_they_say(seeds: int) -> None:
    """Of very skewed scores they cover less, as the guide says."""
    random, draws = np.random.default_rng(seeds), 1500
    assert coverage(random.normal(size=(draws, seeds)), 0.0, Scale()) >= nominal(draws)
    for samples in (10, 20, 50, 200, 1000):
        for right in (0.5, 0.9, 0.98, 0.995):
            scores = random.binomial(samples, right, (draws, seeds)) / samples
            assert coverage(scores, right, Scale(0.0, 1.0, 1 / samples)) >= nominal(draws)
        scores, mean = accuracies(random, samples, (draws, seeds))
        assert coverage(scores, mean, Scale(0.0, 1.0, 1 / samples)) >= nominal(draws)
    for sigma in (0.25, 0.5):
        losses = random.lognormal(0.0, sigma, (draws, seeds))
        assert coverage(losses, np.exp(sigma**2 / 2), Scale(low=0.0)) >= nominal(draws) - 0.01
    losses = random.lognormal(0.0, 1.0, (draws, seeds))
    assert coverage(losses, np.exp(0.5), Scale(low=0.0)) >= 0.87
