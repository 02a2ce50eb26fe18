"""Means with intervals in pictures."""

from __future__ import annotations

import numpy as np

from dlrun.intervals import Scale, estimate
from experiments.bands import band


def test_a_band_has_the_interval_of_each_point() -> None:
    rows = [[1.0, 5.0], [3.0, 5.0], [2.0, 5.0]]
    found, first = band(rows, Scale(low=0.0)), estimate([1, 3, 2], of=Scale(low=0.0))
    assert found.mean.tolist() == [2.0, 5.0]
    assert found.low.tolist() == [first.low, 5.0]
    assert found.high.tolist() == [first.high, 5.0]
    assert np.array_equal(found.bars, [found.mean - found.low, found.high - found.mean])
