from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dlrun.tune.statistics import estimate

NUMBERS = st.floats(-1e3, 1e3)


@given(st.lists(NUMBERS, min_size=2, max_size=12), st.sampled_from([0.8, 0.95, 0.99]))
def test_the_interval_is_that_of_scipy(values: list[float], confidence: float) -> None:
    found = estimate(values, confidence)
    assert found.n == len(values)
    assert found.low is not None and found.high is not None
    spread = stats.sem(values)
    if spread > 1e-9:
        low, high = stats.t.interval(confidence, len(values) - 1, found.mean, spread)
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9, abs=1e-9)
    else:
        assert found.low == pytest.approx(found.high, abs=1e-6)


def test_a_single_number_has_no_interval() -> None:
    found = estimate([3.0])
    assert (found.mean, found.low, found.high) == (3.0, None, None)
