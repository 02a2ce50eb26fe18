from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dlrun.augment.text.generator import Generator
from dlrun.rng import mix

KEYS = st.integers(0, 2**64 - 1)


@given(key=KEYS, low=st.floats(-9, 9), width=st.floats(0, 9))
def test_numbers_stay_between_their_bounds(key: int, low: float, width: float) -> None:
    drawn = Generator(key).uniform(low, low + width)
    assert low <= drawn <= low + width
    assert Generator(key).uniform(low, low) == low


@given(key=KEYS, items=st.lists(st.integers(), unique=True), count=st.integers(0, 20))
def test_some_are_different_ones(key: int, items: list[int], count: int) -> None:
    found = Generator(key).some(items, count)
    assert len(found) == min(count, len(items)) == len(set(found))
    assert set(found) <= set(items)


@given(key=KEYS, size=st.integers(0, 30), count=st.integers(0, 40))
def test_some_are_the_first_of_a_shuffled_list(key: int, size: int, count: int) -> None:
    random, left = Generator(key), list(range(size))
    for place in range(min(count, size)):
        other = place + random.below(size - place)
        left[place], left[other] = left[other], left[place]
    assert Generator(key).some(range(size), count) == left[:count]


def test_a_few_of_many_are_drawn_without_reading_all() -> None:
    """Each swap of two words of a text draws two of all."""
    read = []

    class Words(Sequence[int]):
        def __len__(self) -> int:
            return 10**12

        def __getitem__(self, place: Any) -> Any:
            read.append(place)
            return place

    assert len(Generator(3).some(Words(), 4)) == len(read) == 4


def test_numbers_are_spread_evenly() -> None:
    random = Generator(5)
    counts = np.bincount([random.below(7) for _ in range(7000)], minlength=7)
    assert np.abs(counts - 1000).max() < 5 * np.sqrt(1000)
    orders = {tuple(random.some("abc", 3)) for _ in range(200)}
    assert len(orders) == 6


def test_a_share_is_right_on_average() -> None:
    random = Generator(5)
    found = [random.share(0.1, 0.2, 5) for _ in range(4000)]
    assert set(found) <= {0, 1}
    assert abs(np.mean(found) - 0.75) < 5 * 0.5 / np.sqrt(4000)
    assert random.share(0.0, 0.0, 100) == 0 and random.share(1.0, 1.0, 100) == 100


def test_chances_end_at_never_and_always() -> None:
    random = Generator(1)
    assert not any(random.chance(0.0) for _ in range(100))
    assert all(random.chance(1.0) for _ in range(100))


@given(key=KEYS)
def test_each_number_is_the_previous_one_mixed(key: int) -> None:
    random = Generator(key)
    assert random.bits() == mix(key) and random.bits() == mix(mix(key))


@given(key=KEYS, count=st.integers(0, 30), probability=st.floats(0, 1))
def test_hits_are_chances_that_come_true(key: int, count: int, probability: float) -> None:
    one, other = Generator(key), Generator(key)
    expected = [number for number in range(count) if one.chance(probability)]
    assert other.hits(count, probability) == expected
    assert one.bits() == other.bits()
