from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.arrays import Array
from dlrun.data.batches.order import Batches
from dlrun.data.buckets import Buckets, lengths
from dlrun.data.dataset import Dataset


def texts(of: list[int], length: int | None = None) -> Array:
    """(n, length) codes: so many tokens of each, and padding behind them."""
    steps = np.arange(length or max(of))
    return np.where(steps < np.array(of)[:, None], steps + 2, 0).astype(np.float32)


LENGTHS = st.lists(st.integers(1, 30), min_size=1, max_size=80)


def test_lengths() -> None:
    inputs = np.array([[1, 0, 3, 0], [0, 0, 0, 0], [1, 1, 1, 1], [5, 0, 0, 0]], np.float32)
    assert lengths(inputs).tolist() == [3, 1, 4, 1]


@given(LENGTHS, st.integers(1, 9))
def test_every_sample_fits_into_the_least_length_that_holds_it(of: list[int], count: int) -> None:
    inputs = texts(of, 40)
    buckets = Buckets.of(inputs, count)
    assert list(buckets.ends) == sorted(set(buckets.ends))
    assert len(buckets.ends) <= count
    assert buckets.ends[-1] == 40
    for row, length in enumerate(of):
        least = min(end for end in buckets.ends if end >= length)
        assert buckets.ends[buckets.needed[row]] == least
        assert buckets.end(inputs[row : row + 1]) == least
    assert buckets.end(inputs) == min(end for end in buckets.ends if end >= max(of))


def test_as_many_samples_need_each_length() -> None:
    buckets = Buckets.of(texts(list(range(1, 101))), 4)
    np.testing.assert_allclose(np.bincount(buckets.needed), 25, atol=1)


@given(LENGTHS, st.integers(1, 9), st.integers(1, 12), st.integers(0, 5), st.booleans())
def test_an_epoch_has_the_same_rows_in_batches_of_alike_lengths(
    of: list[int], count: int, size: int, epoch: int, even: bool
) -> None:
    inputs, codes = texts(of, 40), np.arange(len(of)) % 2
    plain = Dataset(inputs, codes, "classification", ("a", "b"))
    if even:
        plain = replace(plain, drawn_evenly=codes)
    buckets = Buckets.of(inputs, count)
    data = replace(plain, buckets=buckets)
    one, other = Batches(plain, size), Batches(data, size)
    order = other.order(7, epoch)
    assert sorted(order) == sorted(one.order(7, epoch))
    np.testing.assert_array_equal(order, other.order(7, epoch))
    # Batches are those of the sorted samples, whatever the order in which they come.
    found = sorted(sorted(buckets.needed[other.rows(order, step)]) for step in range(one.steps))
    needed = np.sort(buckets.needed[order])
    wanted = sorted(sorted(needed[start : start + size]) for start in range(0, len(of), size))
    assert found == wanted


def test_orders_and_batches_differ_from_epoch_to_epoch() -> None:
    inputs = texts([1 + n % 20 for n in range(200)])
    codes = np.zeros(200, np.int64)
    data = Dataset(inputs, codes, "classification", ("a", "b"), buckets=Buckets.of(inputs, 3))
    batches = Batches(data, 10)
    orders = [batches.order(0, epoch) for epoch in (1, 2)]
    firsts = [[data.buckets.needed[batches.rows(each, n)][0] for n in range(20)] for each in orders]
    assert firsts[0] != firsts[1]
    assert firsts[0] != sorted(firsts[0])
    together = [{frozenset(batches.rows(each, n)) for n in range(20)} for each in orders]
    assert not together[0] & together[1]


@pytest.mark.parametrize("of", [[5, 5, 5], [3]])
def test_texts_of_one_length_have_one_bucket(of: list[int]) -> None:
    assert Buckets.of(texts(of), 4).ends == (of[0],)
