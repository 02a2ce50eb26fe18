from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dlrun.search.pruners.halving import Halving

VALUES = st.dictionaries(st.integers(0, 99), st.floats(0, 1), min_size=1, max_size=30)


def test_rungs_are_powers_below_the_end() -> None:
    assert Halving(min_epochs=3, factor=3).rungs(60) == [3, 9, 27]
    assert Halving(min_epochs=3, factor=3).rungs(27) == [3, 9]
    assert Halving(min_epochs=5, factor=2).rungs(4) == []


def test_a_third_goes_on() -> None:
    batch = {number: float(number % 9) for number in range(9)}
    assert Halving(factor=3).survivors(batch, []) == [0, 1, 2]
    assert Halving(factor=3).survivors({4: 0.5, 5: 0.5}, []) == [4]


def test_earlier_batches_count() -> None:
    assert Halving(factor=2).survivors({7: 0.3, 8: 0.9}, [0.1, 0.2]) == []
    assert Halving(factor=2).survivors({7: 0.15, 8: 0.9}, [0.1, 0.2]) == [7]


@given(VALUES, st.lists(st.floats(0, 1), max_size=20), st.integers(2, 5))
def test_whoever_goes_on_is_no_worse(
    batch: dict[int, float], before: list[float], factor: int
) -> None:
    found = Halving(factor=factor).survivors(batch, before)
    worst = max((batch[number] for number in found), default=0.0)
    assert all(value >= worst for number, value in batch.items() if number not in found)
    assert len(found) <= max(1, (len(batch) + len(before)) // factor)
    assert Halving(factor=factor).survivors(dict(reversed(batch.items())), before) == found
