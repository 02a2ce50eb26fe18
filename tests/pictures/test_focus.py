"""The part of an axis where most values are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.pictures.focus import beyond, focus

FINITE = st.floats(-1e300, 1e300)


@given(st.lists(FINITE, max_size=60))
def test_at_least_half_of_the_values_are_shown(values: list[float]) -> None:
    ends = focus(values, log=False)
    if ends is not None:
        inside = [value for value in values if ends[0] <= value <= ends[1]]
        assert ends[0] < ends[1]
        assert 2 * len(inside) >= len(values)
        assert beyond(values, ends).startswith(f"{len(values) - len(inside):,} value")


@pytest.mark.parametrize(
    ("values", "log", "outside"),
    [
        ([0.1, 0.2, 0.3, 0.4], False, ""),
        ([1.0] * 9 + [5.0], False, ""),
        ([0.1, 0.2, 0.3, 0.4, -1e16], False, "1 value beyond the axis"),
        ([0.1, 0.2, 0.3, 0.4, 0.3, 0.2, 0.1, 9.0, 8.0], False, "2 values beyond the axis"),
        ([10.0**-n for n in range(9)], True, ""),
        ([0.1, 0.2, 0.3, 0.4, 1e30], True, "1 value beyond the axis"),
        ([], False, ""),
    ],
)
def test_values_far_outside_are_left_out(values: list[float], log: bool, outside: str) -> None:
    assert beyond(values, focus(values, log=log)) == outside
