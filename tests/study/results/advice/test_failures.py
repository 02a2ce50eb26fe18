"""Values with which all trials fail."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.search.dimensions.choice import Choice
from dlrun.search.dimensions.integer import Integer
from dlrun.search.dimensions.log_uniform import LogUniform
from dlrun.search.dimensions.uniform import Uniform
from dlrun.study.results.advice.failures import _chance, failing
from dlrun.study.results.advice.written import written

RATE = LogUniform(ends=(1e-4, 10.0))


def rates(*values: float, over: float) -> list[tuple[Any, bool]]:
    return [(value, value > over) for value in values]


def test_a_bound_between_the_last_good_and_the_first_bad() -> None:
    trials = rates(*np.geomspace(1e-4, 10, 26).tolist(), over=1.0)
    (found,) = failing(RATE, trials, 8)
    assert (found.where, found.failed) == ("above 1.0", 5)
    new = found.removed(RATE)
    assert new is not None
    assert written(new) == "{log_uniform: [0.0001, 1]}"


def test_few_failures_prove_nothing() -> None:
    trials = rates(*np.geomspace(1e-4, 10, 26).tolist(), over=4.0)
    assert not list(failing(RATE, trials, 8))  # 2 of 26
    assert not list(failing(RATE, rates(0.1, 0.2, 0.3, 5.0, 6.0, 7.0, over=1.0), 8))  # 3 of 6
    assert not list(failing(RATE, [(value, True) for value, _ in trials], 8))  # nothing works
    one_good = [*trials, (9.9, False)]
    assert not list(failing(RATE, one_good, 8))


def test_words_and_lists() -> None:
    words = Choice(values=("sgd", "adam", "lion"))
    trials = [("sgd", True)] * 5 + [("adam", False)] * 12 + [("lion", False)] * 9
    (found,) = failing(words, trials, 3)
    assert (found.where, found.failed) == ("with 'sgd'", 5)
    new = found.removed(words)
    assert new is not None
    assert written(new) == "[adam, lion]"
    sizes = Choice(values=(8, 64, 16, 32))
    below = [(size, size < 16) for size in (8, 16, 32, 64) for _ in range(6)]
    (found,) = failing(sizes, below, 2)
    new = found.removed(sizes)
    assert new is not None
    assert written(new) == "[64, 16, 32]"


@pytest.mark.parametrize(("trials", "failures"), [(6, 3), (8, 3), (9, 5)])
def test_the_probability_is_counted(trials: int, failures: int) -> None:
    draws = list(combinations(range(trials), failures))
    for beyond in range(failures + 1):
        share = sum(set(range(beyond)) <= set(each) for each in draws) / len(draws)
        assert _chance(beyond, failures, trials) == pytest.approx(share)


DIMENSIONS = [
    RATE,
    Uniform(ends=(-1.0, 1.0)),
    Integer(ends=(2, 40)),
    Integer(ends=(2, 40), log=True),
    Choice(values=(2, 8, 4, 16, 64, 32)),
]


@given(st.sampled_from(DIMENSIONS), st.randoms(use_true_random=False), st.booleans())
def test_all_good_values_stay_and_all_bad_ones_go(dimension: Any, random: Any, upper: bool) -> None:
    values = sorted(dimension.at(random.random()) for _ in range(40))
    bound = values[random.randrange(len(values))]
    trials = [(v, v > bound if upper else v < bound) for v in values]
    for found in failing(dimension, trials, 2):
        assert found.where.startswith("above" if upper else "below")
        assert found.failed == sum(failed for _, failed in trials)
        new = found.removed(dimension)
        if new is not None:
            assert {v for v in values if new.contains(v)} == {v for v, bad in trials if not bad}
            assert all(dimension.contains(new.at(place)) for place in (0.0, 0.5, 1.0))


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_failures_by_chance_are_no_reason(share: float) -> None:
    """Of 2,000 studies with four keys that have nothing to do with it, at most 1 % get advice."""
    random = np.random.default_rng(int(10 * share))
    alarms, studies = 0, 2000
    words = Choice(values=("a", "b", "c"))
    for _ in range(studies):
        count = int(random.integers(5, 60))
        failed = random.random(count) < share
        keys = {
            RATE: [RATE.at(u) for u in random.random(count)],
            DIMENSIONS[2]: [DIMENSIONS[2].at(u) for u in random.random(count)],
            DIMENSIONS[4]: [DIMENSIONS[4].at(u) for u in random.random(count)],
            words: [words.at(u) for u in random.random(count)],
        }
        alarms += any(
            list(failing(key, list(zip(values, failed.tolist(), strict=True)), 9))
            for key, values in keys.items()
        )
    assert alarms <= 0.01 * studies + 3 * (0.01 * studies) ** 0.5
