"""Points: values that a user chooses for some keys of a space."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spaces import MIXED, SMALL, space_of

from dlrun.search.point import Setting, narrowed, read_point, without
from dlrun.search.samplers.base import novel
from dlrun.search.samplers.bayes import Bayes
from dlrun.search.samplers.random import draws
from dlrun.search.space import Space
from dlrun.search.suggestion import Completed, Suggestion, identity
from dlrun.spec.origin import InOverride
from dlrun.spec.problems import Problems


def taken(space: Space, **values: Any) -> tuple[Suggestion | None, str]:
    problems = Problems()
    settings = [
        Setting(key, value, InOverride(f"{key}={value}"), InOverride(f"{key}={value}"))
        for key, value in values.items()
    ]
    point = read_point(space, settings, InOverride("all"), problems)
    return point, " | ".join(problems.lines())


def drawn(space: Space, count: int, seed: int = 0) -> list[Suggestion]:
    random = np.random.default_rng(seed)
    return novel(space, draws(random, len(space.keys)), set(), count, random)


@given(st.integers(0, 2**32), st.data())
def test_the_values_of_a_point_stay(seed: int, data: st.DataObject) -> None:
    """Whatever part of a suggestion is a point, the other keys are drawn so that it fits."""
    space = space_of(MIXED)
    (whole,) = drawn(space, 1, seed)
    keys = data.draw(st.lists(st.sampled_from(list(whole)), min_size=1, unique=True))
    point, faults = taken(space, **{key: whole[key] for key in keys})
    assert point is not None, faults
    part = narrowed(space, point)
    found = drawn(part, 3)
    assert found
    for each in found:
        assert space.contains(each) and part.contains(each)
        assert list(each) == [key for key in space.keys if key in each]
        assert all(identity(each[key]) == identity(point[key]) for key in keys)


def test_a_model_searches_the_rest() -> None:
    space = space_of(MIXED)
    history = [Completed(n, each, float(n)) for n, each in enumerate(drawn(space, 12))]
    point, _ = taken(space, **{"optimizer.adam.lr": 0.01})
    assert point is not None
    part = narrowed(space, point)
    found = Bayes(start=2).suggest(part, history, [], 3, 0)
    assert len({identity(each) for each in found}) == 3
    for each in found:
        assert space.contains(each)
        assert (each["optimizer"], each["optimizer.adam.lr"]) == ("adam", 0.01)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"lr": 0.1},
            "override lr=0.1: the space has no key 'lr'; did you mean 'optimizer.adam.lr'?",
        ),
        ({"optimizr": "sgd"}, "did you mean 'optimizer'?"),
        ({"optimizer.adam.lr": 1.0}, "is never 1.0; its values are from 0.0001 to 0.1;"),
        ({"data.batch_size": 33}, "its values are [64, 32, 128]; use one of them, or widen"),
        ({"params.depth": 1.5}, "'params.depth' is never 1.5"),
        ({"params.depth": True}, "'params.depth' is never true"),
        (
            {"optimizer": "sgd", "optimizer.adam.lr": 0.01},
            "'optimizer.adam.lr' is not used where 'optimizer' is 'sgd'; remove",
        ),
        (
            {"optimizer.adam.lr": 0.01, "optimizer.sgd.momentum": 0.5},
            "is not used with the other values of this point",
        ),
        (
            {"params.width": 60, "params.depth": 2},
            "all: the constraint 'params.width * params.depth <= 64' is not met",
        ),
    ],
    ids=str,
)
def test_what_is_not_in_the_space_is_named(values: dict[str, Any], words: str) -> None:
    point, faults = taken(space_of(MIXED), **values)
    assert point is None
    assert words in faults


def test_numbers_are_those_of_the_dimension() -> None:
    point, _ = taken(space_of(MIXED), **{"data.batch_size": 64.0, "params.depth": 2.0})
    assert repr(point) == "{'params.depth': 2, 'data.batch_size': 64}"
    space = space_of("space: {x: {uniform: [0, 2]}}")
    assert repr(taken(space, x=1)[0]) == "{'x': 1.0}"


def test_a_suggestion_can_be_taken_out_of_a_space() -> None:
    space = space_of(SMALL)
    everything = list(space.grid(3))
    for gone in everything:
        rest = without(space, [gone])
        assert list(rest.grid(3)) == [each for each in everything if each != gone]
        assert len(drawn(rest, 9)) == len(everything) - 1
    assert not drawn(without(space, everything), 9)
