"""Means with intervals as texts."""

from __future__ import annotations

import pytest

from dlrun.intervals import Scale, estimate
from experiments.numbers import from_to, plus_minus

# The t-interval of 1 and 3 is 2 -+ 12.706.


def test_half_of_an_interval_is_the_longer_one() -> None:
    assert plus_minus([1, 3], 2) == "2.00 ± 12.71"
    assert plus_minus([1, 3], 1, Scale(low=0.0, high=4.0)) == "2.0 ± 2.0"
    assert plus_minus([1, 3], 1, Scale(high=3.0)) == "2.0 ± 162.4"  # mostly below


def test_the_ends_of_an_interval_have_its_factor_and_sign() -> None:
    found = estimate([1, 3], of=Scale(low=0.0))
    assert from_to(found, 1) == "2.0 (0.0 to 84.7)"
    assert from_to(estimate([-0.01, 0.03]), 0, 100, "+") == "+1 (-24 to +26)"


@pytest.mark.parametrize("values", [[0.5], [0.5, 0.5]])
def test_a_mean_without_an_interval_is_alone(values: list[float]) -> None:
    assert plus_minus(values, 2) == from_to(estimate(values), 2) == "0.50"
