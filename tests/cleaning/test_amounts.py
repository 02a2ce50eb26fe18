"""Sizes in options."""

from __future__ import annotations

import pytest

from dlrun.cleaning.amounts import parse_size
from dlrun.errors import InputError


@pytest.mark.parametrize(
    ("word", "size"),
    [("0", 0), ("2GB", 2 * 10**9), ("1.5GiB", 3 * 2**29), ("500 mb", 5 * 10**8), ("7k", 7000)],
)
def test_a_size(word: str, size: int) -> None:
    assert parse_size(word, "") == size


@pytest.mark.parametrize("word", ["", "GB", "-1GB", "2XB", "1e9", "nan"])
def test_what_is_not_a_size(word: str) -> None:
    with pytest.raises(InputError, match="--cache-over"):
        parse_size(word, "--cache-over")
