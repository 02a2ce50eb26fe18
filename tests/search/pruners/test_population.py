"""Who is replaced by whom."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from dlrun.search.pruners.population import Population

VALUES = {number: float(10 - number) for number in range(8)}  # the last one is the best


def parents(
    values: dict[int, float], trials: int = 8, seed: int = 0, **keys: float
) -> dict[int, int]:
    prune = Population(**keys)  # type: ignore[arg-type]
    return prune.parents(range(trials), values, np.random.default_rng(seed))


def test_the_worst_continue_one_of_the_best() -> None:
    counts = Counter[int]()
    for seed in range(200):
        found = parents(VALUES, seed=seed)
        assert found == parents(VALUES, seed=seed)
        assert list(found) == [0, 1]
        counts.update(found.values())
    assert set(counts) == {6, 7}
    assert min(counts.values()) > 150


@pytest.mark.parametrize(("fraction", "count"), [(0.01, 1), (0.13, 1), (0.3, 2), (0.5, 4)])
def test_the_fraction_is_rounded_down_but_not_to_none(fraction: float, count: int) -> None:
    found = parents(VALUES, fraction=fraction)
    assert list(found) == list(range(count))
    assert set(found.values()) <= set(range(8 - count, 8))


def test_failed_trials_are_replaced_first() -> None:
    values = {number: value for number, value in VALUES.items() if number != 5}
    assert list(parents(values)) == [0, 5]
    values = {2: 1.0, 3: 0.5, 4: 0.7}
    found = parents(values)
    assert list(found) == [0, 1, 5, 6, 7]
    assert set(found.values()) <= {3, 4}
    assert parents({2: 1.0}) == dict.fromkeys([0, 1, 3, 4, 5, 6, 7], 2)
    assert parents({}) == {}


def test_equal_values_and_small_populations() -> None:
    assert list(parents(dict.fromkeys(range(8), 1.0))) == [6, 7]
    assert parents({0: 1.0}, trials=1) == {}
    assert parents({0: 1.0, 1: 0.5}, trials=2) == {0: 1}
    assert list(parents({0: 1.0, 1: 0.5, 2: 0.7}, trials=3, fraction=0.5)) == [0]


def test_rungs_are_multiples_before_the_last_epoch() -> None:
    assert list(Population(every=4).rungs(12)) == [4, 8]
    assert list(Population(every=4).rungs(4)) == []
    assert Population(every=4).unreached(4, 8) == "population has no rung before epoch 4"
    assert Population(every=4).unreached(12, 1) == "population needs two trials"
    assert Population(every=4).unreached(12, None) is None
