from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.cli.display.number_column import number_column, rate_column


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([], []),
        ([0.5, 0.25], ["0.5000", "0.2500"]),
        ([0.0010, 8.903e-04], ["0.001000", "0.000890"]),
        ([2.3, 1e-6], ["2.30000000", "0.00000100"]),
        ([23.0, 1e-6], ["2.300e+01", "1.000e-06"]),
        ([0.0, math.nan, -math.inf], ["0.0000", "nan", "-inf"]),
        ([math.nan, -1.2e-10], ["nan", "-1.200e-10"]),
        ([12345.678, -1234.5], ["12345.6780", "-1234.5000"]),
    ],
)
def test_a_column_has_one_notation(values: list[float], texts: list[str]) -> None:
    assert number_column(values) == texts


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e99, max_value=1e99)))
def test_no_column_mixes_decimals_and_exponents(values: list[float]) -> None:
    texts = number_column(values)
    forms = {("e" in text, len(text.partition("e")[0].partition(".")[2])) for text in texts}
    assert len(forms) <= 1
    for value, text in zip(values, texts, strict=True):
        assert len(text) <= (11 if abs(value) < 1e-99 else 10)
        assert float(text) == pytest.approx(value, rel=6e-3, abs=1e-99)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1e-3], ["0.001"]),
        ([1e-3, 1.5e-3], ["0.0010", "0.0015"]),
        ([1e-3, 1.25e-4], ["0.001000", "0.000125"]),
        ([1e-3, 9.05e-5], ["1.00e-03", "9.05e-05"]),
        ([100.0, 10.0], ["100", "10"]),
        ([0.0, 0.1], ["0.0", "0.1"]),
    ],
)
def test_rates_are_as_short_as_they_all_may_be(values: list[float], texts: list[str]) -> None:
    assert rate_column(values) == texts
