from __future__ import annotations

import math

import numpy as np
import pytest

from dlrun.search.scaling import scaled


def test_objectives_keep_their_order_and_failures_are_the_worst() -> None:
    values = np.array([3.0, 1.0, np.nan, 1e9, 2.0, np.inf, 1.5])
    found = scaled(values)
    assert np.argsort(found[[1, 6, 4, 0, 3]]).tolist() == [0, 1, 2, 3, 4]
    assert found[2] == found[5] == found.max()
    assert found.mean() == pytest.approx(0.0, abs=1e-12)
    assert found.std() == pytest.approx(1.0)
    assert math.isfinite(found.sum())


def test_scale_and_shift_make_no_difference() -> None:
    values = np.random.default_rng(0).normal(size=20)
    np.testing.assert_array_equal(scaled(4 * values), scaled(values))
    np.testing.assert_allclose(scaled(3 * values), scaled(values), atol=1e-12)
