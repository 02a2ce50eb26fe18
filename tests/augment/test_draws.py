from __future__ import annotations

import numpy as np
import pytest

from dlrun.augment.draws import Draws


def draws(rows: np.ndarray, seed: int = 1, epoch: int = 2, position: int = 3) -> Draws:
    return Draws.of(seed, epoch, position, rows)


@pytest.mark.parametrize("change", ["seed", "epoch", "position"])
def test_other_counters_give_other_numbers(change: str) -> None:
    rows = np.arange(50)
    assert not np.any(draws(rows).uniform() == draws(rows, **{change: 9}).uniform())


def test_a_sample_draws_the_same_wherever_it_stands() -> None:
    rows = np.array([4, 9, 0, 7])
    every, some = draws(np.arange(10)), draws(rows)
    for _ in range(3):
        np.testing.assert_array_equal(every.uniform()[rows], some.uniform())
    np.testing.assert_array_equal(every.normal((3, 5))[rows], some.normal((3, 5)))
    np.testing.assert_array_equal(every.integers(7)[rows], some.integers(7))


def test_some_go_on_where_all_are() -> None:
    every = draws(np.arange(10))
    first = every.uniform()
    chosen = np.arange(10) % 3 == 0
    np.testing.assert_array_equal(every.some(chosen).uniform(), every.uniform()[chosen])
    assert not np.any(first[chosen] == every.some(chosen).uniform())


def test_uniform_fills_its_range_evenly() -> None:
    found = draws(np.arange(20_000)).uniform(-2.0, 6.0)
    assert found.min() >= -2.0 and found.max() < 6.0
    # The counts of eight bins are 2500 with a deviation of 47.
    assert np.abs(np.histogram(found, bins=8, range=(-2.0, 6.0))[0] - 2500).max() < 5 * 47
    np.testing.assert_array_equal(draws(np.arange(5)).uniform(0.5, 0.5), 0.5)


def test_integers_and_chances() -> None:
    counts = np.bincount(draws(np.arange(20_000)).integers(5), minlength=5)
    assert np.abs(counts - 4000).max() < 5 * 57 and len(counts) == 5
    assert not draws(np.arange(100)).chance(0.0).any()
    assert draws(np.arange(100)).chance(1.0).all()


def test_normal_numbers() -> None:
    found = draws(np.arange(200)).normal((500,))
    assert found.shape == (200, 500) and found.dtype == np.float32
    assert abs(found.mean()) < 5 / np.sqrt(100_000)
    assert abs(found.std() - 1) < 5 / np.sqrt(200_000)
    # Kurtosis of 3 tells the normal distribution from many others of the same deviation.
    assert abs(np.mean(found**4) - 3) < 0.2
    assert np.abs(np.corrcoef(found[:20])[np.triu_indices(20, 1)]).max() < 5 / np.sqrt(500)
