"""Dimensions that reach further."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun import catalog
from dlrun.search.dimensions.base import Dimension
from dlrun.search.dimensions.choice import Choice
from dlrun.search.dimensions.integer import Integer
from dlrun.search.dimensions.log_uniform import LogUniform
from dlrun.search.dimensions.uniform import Uniform
from dlrun.search.space import unabridged
from dlrun.spec.build import build
from dlrun.spec.problems import Problems
from dlrun.spec.yaml import parse
from dlrun.study.results.advice.widened import widened
from dlrun.study.results.advice.written import written

catalog.load()


def read(text: str) -> Dimension:
    problems = Problems()
    node = parse(text, "sweep.yaml", problems)
    assert node is not None
    found = build(Dimension, unabridged(node), problems, "key")
    problems.raise_if_any()
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("before", "upper", "after"),
    [
        ("{log_uniform: [1e-4, 0.1]}", True, "{log_uniform: [0.0001, 1]}"),
        ("{log_uniform: [1e-4, 0.1]}", False, "{log_uniform: [1e-05, 0.1]}"),
        ("{log_uniform: [0.001, 0.1]}", True, "{log_uniform: [0.001, 0.5]}"),
        ("{uniform: [0.1, 0.5]}", True, "{uniform: [0.1, 0.7]}"),
        ("{uniform: [0.1, 0.5]}", False, "{uniform: [0, 0.5]}"),
        ("{uniform: [0, 0.5]}", False, None),
        ("{uniform: [0.5, 1]}", True, None),
        ("{uniform: [0.2, 0.9]}", True, "{uniform: [0.2, 1]}"),
        ("{uniform: [-1, 1]}", False, "{uniform: [-1.7, 1]}"),
        ("{uniform: [1000, 1001]}", True, "{uniform: [1000, 1001.4]}"),
        ("{integer: [4, 64], log: true}", True, "{integer: [4, 128], log: true}"),
        ("{integer: [4, 64], log: true}", False, "{integer: [2, 64], log: true}"),
        ("{integer: [1, 4]}", True, "{integer: [1, 5]}"),
        ("{integer: [1, 4]}", False, None),
        ("{integer: [3, 30]}", False, "{integer: [1, 30]}"),
        ("[16, 32, 64]", True, "[16, 32, 64, 128]"),
        ("[16, 32, 64]", False, "[8, 16, 32, 64]"),
        ("[64, 32, 16]", True, "[128, 64, 32, 16]"),
        ("[0.1, 0.2, 0.3]", True, "[0.1, 0.2, 0.3, 0.4]"),
        ("[1, 2, 4]", False, None),
        ("[0.0, 0.5]", False, None),
        (
            "{choice: [16, 32], when: {optimizer: adam}}",
            True,
            "{choice: [16, 32, 64], when: {optimizer: adam}}",
        ),
    ],
)
def test_the_next_end(before: str, upper: bool, after: str | None) -> None:
    new = widened(read(before), upper=upper)
    assert (None if new is None else written(new)) == after


ENDS = st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)).filter(
    lambda ends: ends[1] - ends[0] > 1e-3
)
POSITIVE = st.tuples(st.floats(1e-9, 1e6), st.floats(1.01, 1e6)).map(
    lambda pair: (pair[0], pair[0] * pair[1])
)
WHOLE = st.tuples(st.integers(-99, 99), st.integers(1, 99)).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)
NUMBERS = st.lists(st.one_of(st.integers(-99, 99), st.floats(-9, 9)), min_size=1, max_size=5)
DIMENSIONS: st.SearchStrategy[Dimension] = st.one_of(
    ENDS.map(lambda ends: Uniform(ends=ends)),
    POSITIVE.map(lambda ends: LogUniform(ends=ends)),
    WHOLE.map(lambda ends: Integer(ends=ends)),
    WHOLE.filter(lambda ends: ends[0] > 0).map(lambda ends: Integer(ends=ends, log=True)),
    NUMBERS.filter(lambda each: len(set(each)) == len(each)).map(
        lambda values: Choice(values=tuple(values))
    ),
)


def ends(dimension: Any) -> tuple[float, float]:
    values = getattr(dimension, "ends", None) or dimension.values
    return min(values), max(values)


@given(DIMENSIONS, st.booleans())
def test_it_has_all_values_of_before_and_more_at_one_end(dimension: Dimension, upper: bool) -> None:
    new = widened(dimension, upper=upper)
    if new is None:
        return
    (low, high), (lower, higher) = ends(dimension), ends(new)
    assert new.contains(low)
    assert new.contains(high)
    assert (higher > high) == upper
    assert (lower < low) == (not upper)
    assert read(written(new)) == new


LETTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
"""What a spec may contain."""

VALUES: st.SearchStrategy[Any] = st.one_of(
    st.booleans(), st.none(), st.integers(-9, 9), st.floats(), st.text(LETTERS, max_size=5),
    st.lists(st.text(LETTERS, max_size=3), max_size=2),
    st.dictionaries(st.text(LETTERS, min_size=1, max_size=3), st.integers(-9, 9), max_size=2),
)  # fmt: skip


@given(VALUES, VALUES)
def test_what_is_written_is_read_again(one: Any, other: Any) -> None:
    from dlrun.search.dimensions.fixed import Fixed
    from dlrun.search.suggestion import identity

    found = read(written(Fixed(value=one)))
    assert identity(found.at(0.0)) == identity(Fixed(value=one).at(0.0))
    if identity(one) != identity(other):
        choice = Choice.model_construct(values=(one, other), when={"a.b": "c d"})
        again = read(written(choice))
        assert identity(again.at(0.0)) in map(identity, (one, other))
        assert again.when == {"a.b": "c d"}
