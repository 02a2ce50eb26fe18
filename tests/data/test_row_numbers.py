"""Numbers of rows as names."""

from __future__ import annotations

import pytest

from dlrun.data.row_numbers import RowNumbers


def test_numbers_are_text_from_the_first_on() -> None:
    numbers = RowNumbers(4, 7)
    assert len(numbers) == 4 and [*numbers] == ["7", "8", "9", "10"]
    assert numbers[1:3] == ["8", "9"] and numbers[-1] == "10"
    with pytest.raises(IndexError):
        numbers[4]
