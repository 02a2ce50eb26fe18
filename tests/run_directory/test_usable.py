from __future__ import annotations

import math

import pytest

from dlrun.run_directory.usable import means, usable


@pytest.mark.parametrize("score", [0.5, -3.4e38, 1e100, 7])
def test_a_score_that_can_be_used(score: float) -> None:
    assert usable(score) == score


@pytest.mark.parametrize("score", [None, math.nan, math.inf, -1.7e308, 1.1e100, 10**400])
def test_a_score_that_cannot(score: float | None) -> None:
    assert usable(score) is None


def test_means_of_any_numbers() -> None:
    rows = [(1.0, 2.0), (math.inf, 1.0), (math.inf, -math.inf), (1.7e308, 1.7e308), (math.nan, 1)]
    found = means(rows)
    assert found[:2] == [1.5, math.inf]
    assert all(map(math.isnan, found[2:]))
