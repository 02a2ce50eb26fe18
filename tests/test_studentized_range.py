"""Quantiles of the studentized range against another implementation and the printed table."""

from __future__ import annotations

import pytest
from scipy import stats

from dlrun.studentized_range import range_quantile


@pytest.mark.parametrize(
    ("level", "groups", "freedom", "printed"),
    [
        # Harter, "Tables of range and studentized range", Ann. Math. Statist. 1960.
        (0.95, 2, 2, 6.085),
        (0.95, 3, 10, 3.877),
        (0.95, 10, 20, 5.008),
        (0.99, 5, 5, 8.421),
    ],
)
def test_quantiles_are_those_of_the_table(
    level: float, groups: int, freedom: int, printed: float
) -> None:
    assert range_quantile(level, groups, freedom) == pytest.approx(printed, abs=2e-3)


@pytest.mark.parametrize(("groups", "freedom"), [(2, 1), (8, 7), (30, 58), (60, 240)])
def test_quantiles_have_their_level(groups: int, freedom: int) -> None:
    found = stats.studentized_range.cdf(range_quantile(0.95, groups, freedom), groups, freedom)
    assert found == pytest.approx(0.95, abs=1e-4)
