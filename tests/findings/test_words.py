"""Numbers of findings for people."""

from __future__ import annotations

import pytest

from dlrun.findings.words import short


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.12345, "0.123"),
        (999.4, "999"),
        (999.6, "1000"),
        (-999.6, "-1000"),
        (12345.6, "12346"),
    ],
)
def test_a_number_has_three_digits_or_all_before_the_point(value: float, text: str) -> None:
    assert short(value) == text
