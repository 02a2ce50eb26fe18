"""Numbers of seeds against published values, another implementation, and simulated tests."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dlrun.power import cautious, pairs_needed, power, smallest_effect


@pytest.mark.parametrize(
    ("effect", "error", "pairs"),
    [
        # Two-sided tests: Cohen's small, medium and large effect; then one-sided ones. The same as
        # G*Power 3.1 and R's power.t.test(type = "paired") print.
        (0.2, 0.025, 199),
        (0.5, 0.025, 34),
        (0.8, 0.025, 15),
        (0.5, 0.05, 27),
        (0.8, 0.05, 12),
    ],
)
def test_as_many_pairs_as_published(effect: float, error: float, pairs: int) -> None:
    assert pairs_needed(effect, 1.0, error) == pairs
    assert pairs_needed(3 * effect, 3.0, error) == pairs
    assert power(effect, 1.0, pairs, error) >= 0.8 > power(effect, 1.0, pairs - 1, error)


def test_none_of_too_many_and_two_of_few() -> None:
    assert pairs_needed(1e-4, 1.0, 0.025) is None
    assert pairs_needed(1e4, 1.0, 0.025) == 2


@pytest.mark.parametrize("pairs", [2, 3, 5, 10, 40])
@pytest.mark.parametrize("error", [0.025, 0.005])
def test_the_power_is_that_of_another_implementation(pairs: int, error: float) -> None:
    effect = smallest_effect(2.0, pairs, error)
    assert power(effect, 2.0, pairs, error) == pytest.approx(0.8, abs=1e-5)
    far = effect / 2.0 * pairs**0.5
    other = stats.nct.sf(stats.t.ppf(1 - error, pairs - 1), pairs - 1, far)
    assert other == pytest.approx(0.8, abs=1e-4)
    assert power(0.0, 1.0, pairs, error) == pytest.approx(error)


def test_the_power_is_that_of_simulated_tests() -> None:
    random, pairs, studies = np.random.default_rng(0), 5, 4000
    differences = smallest_effect(1.0, pairs, 0.025) + random.normal(size=(studies, pairs))
    t, p = stats.ttest_1samp(differences, 0.0, axis=1)
    shown = ((t > 0) & (p < 0.05)).mean()
    assert shown == pytest.approx(0.8, abs=3 * (0.8 * 0.2 / studies) ** 0.5)


@pytest.mark.parametrize("values", [2, 3, 5, 10])
def test_a_cautious_deviation_is_large_enough_in_four_of_five_samples(values: int) -> None:
    random, samples = np.random.default_rng(values), 4000
    deviations = random.normal(size=(samples, values)).std(axis=1, ddof=1)
    enough = np.mean([cautious(each, values) >= 1.0 for each in deviations.tolist()])
    assert enough == pytest.approx(0.8, abs=3 * (0.8 * 0.2 / samples) ** 0.5)
