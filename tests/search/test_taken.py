"""Numbers as a search would suggest them."""

from __future__ import annotations

from typing import Any

import pytest
from spaces import read, space_of

from dlrun.search.suggestion import identity
from dlrun.search.taken import taken

HUGE = 10**400


@pytest.mark.parametrize(
    ("dimension", "value", "meant"),
    [
        ("{uniform: [1, 2]}", 1, 1.0),
        ("{log_uniform: [0.1, 2]}", 2, 2.0),
        ("{integer: [1, 20]}", 16.0, 16),
        ("{integer: [1, 20]}", 1.5, 1.5),
        ("[1, 1.0]", 1.0, 1.0),
        ("[1, 2.0]", 2, 2.0),
        ("[1, 2]", True, True),
        ("{uniform: [1, 2]}", 3, 3),
        ("{uniform: [1, 2]}", HUGE, HUGE),
    ],
)
def test_a_number_is_that_of_the_dimension(dimension: str, value: Any, meant: Any) -> None:
    space = space_of(f"space: {{a: {dimension}}}")
    assert identity(taken(space.dimensions["a"], value)) == identity(meant)


@pytest.mark.parametrize(("wanted", "active"), [("1", 1), ("[1, 2]", 2), ("1.0", 1), ("[1.5]", 0)])
def test_a_condition_holds_for_a_whole_number_of_a_real_range(wanted: str, active: int) -> None:
    space = space_of(
        f"space: {{lr: {{uniform: [1, 2]}}, width: {{choice: [4], when: {{lr: {wanted}}}}}}}"
    )
    assert sum("width" in each for each in space.grid(2)) == active


def test_a_condition_holds_for_an_integer_that_is_written_as_a_real_number() -> None:
    space = space_of("space: {n: {integer: [1, 2]}, width: {choice: [4], when: {n: 1.0}}}")
    assert list(space.grid(2)) == [{"n": 1, "width": 4}, {"n": 2}]


def test_a_condition_outside_of_the_range_is_refused_as_written() -> None:
    space, faults = read(
        "space: {lr: {uniform: [1, 2]}, width: {choice: [4], when: {lr: 3}}}",
    )
    assert space is None
    assert "'lr' is never 3; name one of its values" in faults[0]
