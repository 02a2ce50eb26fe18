from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.spec.core_schema import resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3),
        ("-1", -1),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        (".5", 0.5),
        ("1.", 1.0),
        ("-.inf", -math.inf),
        ("~", None),
        ("Null", None),
        ("", None),
        ("TRUE", True),
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("0b1", "0b1"),
        ("nan", "nan"),
        ("tRUE", "tRUE"),
        ("٣", "٣"),
    ],
)
def test_plain_text_means_what_the_core_schema_says(text: str, value: object) -> None:
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


def test_nan() -> None:
    assert math.isnan(resolve(".nan"))


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_whole_number_is_read(number: int) -> None:
    assert resolve(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_read(number: float) -> None:
    found = resolve(repr(number))
    assert found == number
    assert type(found) is float


@pytest.mark.parametrize("text", ["9" * 5000, "0x" + "f" * 5000, "0." + "1" * 5000, "1e999"])
def test_a_number_beyond_all_use_is_an_error_and_no_crash(text: str) -> None:
    with pytest.raises(ValueError, match=r"digits|largest"):
        resolve(text)
