from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dlrun.search.pruners.asha import Asha

VALUES = st.dictionaries(st.integers(0, 99), st.floats(0, 1), max_size=30)


def test_nobody_goes_on_before_there_are_factor_trials() -> None:
    assert Asha(factor=3).promoted({0: 0.1, 1: 0.2}, []) is None
    assert Asha(factor=3).promoted({0: 0.3, 1: 0.2, 2: 0.9}, []) == 1
    assert Asha(factor=3).promoted({0: 0.3, 1: 0.2, 2: 0.9}, [1]) is None


def test_of_equals_the_first_goes_on() -> None:
    assert Asha(factor=2).promoted({5: 0.1, 3: 0.1}, []) == 3


@given(VALUES, st.integers(2, 5))
def test_a_part_of_a_rung_goes_on_and_it_is_the_best(values: dict[int, float], factor: int) -> None:
    gone: list[int] = []
    while (number := Asha(factor=factor).promoted(values, gone)) is not None:
        gone.append(number)
    assert len(gone) == len(values) // factor
    worst = max((values[number] for number in gone), default=0.0)
    assert all(value >= worst for number, value in values.items() if number not in gone)
