from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spaces import MIXED, SMALL, read, space_of

from dlrun.search.features import Features
from dlrun.search.suggestion import identity

POSITIONS = st.floats(0.0, 1.0)
WORDS = st.sampled_from(["relu", "tanh", "1", "true", "a: b"])


@st.composite
def dimensions(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(["uniform", "log_uniform", "integer", "choice", "fixed"]))
    if kind == "uniform":
        low = draw(st.floats(-1e6, 1e6))
        return f"{{uniform: [{low!r}, {low + draw(st.floats(1e-3, 1e6))!r}]}}"
    if kind == "log_uniform":
        low = draw(st.floats(1e-9, 1e3))
        return f"{{log_uniform: [{low!r}, {low * draw(st.floats(1.01, 1e6))!r}]}}"
    if kind == "integer":
        log = draw(st.booleans())
        low = draw(st.integers(1 if log else -1000, 1000))
        high = low + draw(st.integers(1, 1000))
        return f"{{integer: [{low}, {high}], log: {str(log).lower()}}}"
    if kind == "fixed":
        return f"{{fixed: {draw(st.integers(0, 9))}}}"
    numbers = st.lists(st.integers(-9, 9), min_size=1, max_size=5, unique=True)
    words = st.lists(WORDS.map(lambda word: f'"{word}"'), min_size=1, max_size=4, unique=True)
    return f"[{', '.join(map(str, draw(st.one_of(numbers, words))))}]"


@given(st.lists(dimensions(), min_size=1, max_size=5), st.data())
def test_whatever_is_at_a_position_is_in_the_space(texts: list[str], data: st.DataObject) -> None:
    lines = "\n".join(f"  key{number}: {text}" for number, text in enumerate(texts))
    space = space_of(f"space:\n{lines}\n")
    positions = data.draw(st.lists(POSITIONS, min_size=len(texts), max_size=len(texts)))
    suggestion = space.at(positions)
    assert space.contains(suggestion)
    back = space.at(space.positions(suggestion))
    for key, each in space.dimensions.items():
        if each.size is None:
            assert back[key] == pytest.approx(suggestion[key], rel=1e-5, abs=1e-6)
        else:
            assert identity(back[key]) == identity(suggestion[key])
            assert sum(1 for value in each.grid(each.size) if value == suggestion[key]) == 1


@given(st.lists(POSITIONS, min_size=8, max_size=8))
def test_features_of_positions_are_those_of_their_suggestion(positions: list[float]) -> None:
    space = space_of(MIXED)
    features = Features(space)
    suggestion = space.at(positions)
    snapped, columns = features.at(np.array([positions]))
    again, same = features.of([suggestion])
    np.testing.assert_allclose(columns, same, atol=1e-5)
    np.testing.assert_allclose(snapped, again, atol=1e-5)
    assert columns.shape == (1, len(features.keys))


def test_a_suggestion_has_the_keys_that_count_in_an_order_in_which_they_can_be_set() -> None:
    space = space_of(MIXED)
    assert space.keys[:3] == ("optimizer", "optimizer.adam.lr", "optimizer.sgd.momentum")
    adam = space.at([0.0] * 8)
    assert list(adam)[:2] == ["optimizer", "optimizer.adam.lr"]
    assert "optimizer.sgd.momentum" not in adam
    assert space.contains(adam)
    assert not space.contains({**adam, "optimizer.sgd.momentum": 0.5})
    assert not space.contains({key: adam[key] for key in list(adam)[:-1]})
    assert not space.contains({**adam, "params.depth": True})


def test_blocks_are_plain_lists_and_mappings() -> None:
    space = space_of("space: {a: [[8, [8]], {b: [1]}, null, 1.5]}")
    found = [each["a"] for each in space.grid(1)]
    assert found == [[8, [8]], {"b": [1]}, None, 1.5]
    found[1]["b"].append(2)  # a copy, which the space does not see
    assert [each["a"] for each in space.grid(1)][1] == {"b": [1]}


def test_a_condition_holds_only_where_its_own_keys_count() -> None:
    space = space_of(
        "space:\n"
        "  a: [x, y]\n"
        "  b: {choice: [1, 2], when: {a: x}}\n"
        "  c: {choice: [5, 6], when: {b: [2], a: [x, y]}}\n"
    )
    found = list(space.grid(1))
    assert found == [
        {"a": "x", "b": 1},
        {"a": "x", "b": 2, "c": 5},
        {"a": "x", "b": 2, "c": 6},
        {"a": "y"},
    ]
    assert space.size == 8


def test_one_and_true_and_text_are_different_values() -> None:
    space = space_of('space: {a: [1, true, "1", 1.0], b: {choice: [2], when: {a: true}}}')
    assert [len(each) for each in space.grid(1)] == [1, 2, 1, 1]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("a * b <= 6", lambda a, b: a * b <= 6),
        ("1 < a < b", lambda a, b: 1 < a < b),
        ("a == b or not a > 2 and b != 1", lambda a, b: a == b or (a <= 2 and b != 1)),
        ("-(a - b) >= 1.5e0", lambda a, b: b - a >= 1.5),
        ("a // b + a % b == 1", lambda a, b: a // b + a % b == 1),
        ("4 / (a - b) > 2", lambda a, b: a != b and 4 / (a - b) > 2),
    ],
)
def test_constraints_are_kept(text: str, holds: Any) -> None:
    numbers = "{integer: [1, 4]}"
    space = space_of(f"space: {{a: {numbers}, b: {numbers}}}\nconstraints: ['{text}']")
    found = [(each["a"], each["b"]) for each in space.grid(4)]
    assert found == [(a, b) for a in range(1, 5) for b in range(1, 5) if holds(a, b)]


def test_a_constraint_whose_numbers_are_too_large_does_not_hold() -> None:
    space = space_of(f"space: {{a: [0, 1]}}\nconstraints: ['a * 1{'0' * 400} / 3 < 1']")
    assert list(space.grid(1)) == [{"a": 0}]


def test_a_key_that_looks_like_a_stand_in_is_a_key() -> None:
    space = space_of("space: {b: [7, 8], _5_: [1, 2]}\nconstraints: ['_5_ < 2']")
    assert [each["_5_"] for each in space.grid(1)] == [1, 1]


def test_constraints_name_any_key_and_leave_out_those_that_do_not_count() -> None:
    space = space_of(
        "space:\n"
        "  model.0.dense: [4, 8]\n"
        "  model.1.dense-2: {choice: [4, 8], when: {model.0.dense: 4}}\n"
        "constraints:\n"
        "  - model.0.dense + model.1.dense-2 <= 8\n"
    )
    assert [len(each) for each in space.grid(1)] == [2, 1]


FAULTS = [
    ("{a: {uniform: [3, 1]}}", "'ends' must go from a lower to a higher number, got [3, 1]"),
    ("{a: {uniform: [1, 1]}}", "'ends' must go from a lower to a higher number, got [1, 1]"),
    ("{a: {uniform: [0, .inf]}}", "'ends' must be a finite number, got .inf"),
    ("{a: {log_uniform: [0, 1]}}", "'ends' must be above 0 to have a logarithm, got [0, 1]"),
    ("{a: {integer: [1, 2.5]}}", "'ends' must be a whole number, got 2.5"),
    (
        "{a: {integer: [0, 2], log: true}}",
        "with 'log' the range must start at 1 or above, got 0",
    ),
    ("{a: [1, 1]}", "'values' names 1 twice, got [1, 1]"),
    ("{a: []}", "'values' must have at least 1 items, got []"),
    ("{a: {unifrom: [0, 1]}}", "unknown dimension 'unifrom'; did you mean 'uniform'?"),
    ("{a: {uniform: [0, 1], step: 1}}", "uniform has no key 'step'; known: ends, when"),
    ("{a..b: [1, 2]}", "'a..b' is not a key of a spec; write it as a.b.c"),
    ("{a: [1], b: {choice: [1], when: {aa: 1}}}", "the space has no key 'aa'; did you mean 'a'?"),
    ("{a: [1], b: {choice: [1], when: {a: [1, 2]}}}", "'a' is never 2; its values are [1]"),
    (
        "{a: [x, y], b: {choice: [1], when: {a: []}}}",
        "'a' has no alternatives here, so the key is never active; name its values, or remove",
    ),
    (
        "{a: [[x, {y: 1}], z], b: {choice: [1], when: {a: [x, {y: 1}]}}}",
        "the list of 'a' is one of alternatives, and its value is a list; write [[x, {y: 1}]]",
    ),
    (
        "{a: {choice: [1], when: {b: 1}}, b: {choice: [1], when: {a: 1}}}",
        "'a' depends on 'b' on 'a'; remove one 'when'",
    ),
    ("[1]", "a space must be a mapping of keys; write keys such as "),
]


@pytest.mark.parametrize(("text", "fault"), FAULTS)
def test_a_fault_is_told_where_it_is(text: str, fault: str) -> None:
    space, faults = read(f"space: {text}")
    assert space is None
    assert len(faults) == 1
    place, _, what = faults[0].partition(": ")
    assert place.startswith("sweep.yaml:1:")
    assert what.startswith(fault)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("bb <= 2", "the space has no key 'bb'; did you mean 'b'?"),
        ("w <= 2", "'w' is not numeric; a constraint compares numbers"),
        ("a +", "not a comparison: 'a +'; write e.g. 'params.depth <= 4'"),
        ("a", "'a' is neither true nor false; compare two numbers, e.g. 'params.depth <= 4'"),
        ("a ** 2 < 3", "'a ** 2' is not allowed in a constraint"),
        ("__import__('os').getpid() == 3", "'__import__('os').getpid()' is not allowed"),
        ("_0_ < 3", "the space has no key '_0_'"),
        ("_99_ < 3", "the space has no key '_99_'"),
        ("\uff3f99\uff3f < 3", "the space has no key '_99_'"),
        ("a._99_ < 3", "the space has no key 'a._99_'"),
        ("a in [1]", "'in' and 'is' do not compare numbers"),
        ("true < 2", "the space has no key 'true'"),
        ("'x' == 'x'", "''x'' is not allowed in a constraint"),
        (f"a < {'(' * 300}1{')' * 300}", "not a comparison: "),
        (f"a < {'9' * 2000}", "a constraint has more than 1000 characters; split it"),
    ],
)
def test_a_constraint_is_no_program(text: str, fault: str) -> None:
    space, faults = read(f'space: {{a: [1, 2], b: [3], w: [x, y]}}\nconstraints:\n  - "{text}"\n')
    assert space is None
    (line,) = faults
    assert line.startswith(f"sweep.yaml:3:5: {fault}")


def test_all_faults_are_told_at_once() -> None:
    _, faults = read("space:\n  a: {uniform: [2, 1]}\n  b: 3\n  c: {choice: [1], when: {d: 1}}\n")
    assert [line.split(": ")[0] for line in faults] == [
        "sweep.yaml:2:16",
        "sweep.yaml:3:6",
        "sweep.yaml:4:30",
    ]


def test_the_size_of_a_space() -> None:
    assert space_of(SMALL).size == 6
    assert space_of("space: {a: {uniform: [0, 1]}, b: [1, 2]}").size is None


@pytest.mark.parametrize(
    ("wanted", "active"),
    [
        ("adam", [1, 2]),
        ("[adam]", [1, 2]),
        ("[sgd, adam]", [0, 1, 2]),
        ("{adam: {beta1: 0.8}}", [1]),
        ("sgd", [0]),
        ("[[1, 2]]", [3]),
    ],
)
def test_the_name_of_a_block_stands_for_it(wanted: str, active: list[int]) -> None:
    values = "[sgd, {adam: {beta1: 0.8}}, {adam: {beta1: 0.9}}, [1, 2]]"
    space = space_of(f"space: {{a: {values}, b: {{choice: [2], when: {{a: {wanted}}}}}}}")
    assert [n for n, each in enumerate(space.grid(1)) if "b" in each] == active
    for each in space.grid(1):
        assert space.contains(each)


def test_a_name_that_is_a_value_means_that_value_alone() -> None:
    space = space_of("space: {a: [adam, {adam: {lr: 1}}], b: {choice: [2], when: {a: adam}}}")
    assert list(space.grid(1)) == [{"a": "adam", "b": 2}, {"a": {"adam": {"lr": 1}}}]


def test_a_fixed_block_is_named_like_any_other() -> None:
    dimension = "{fixed: {value: {adam: {lr: 1}}}}"
    space = space_of(f"space: {{a: {dimension}, b: {{choice: [2], when: {{a: adam}}}}}}")
    assert list(space.grid(1)) == [{"a": {"adam": {"lr": 1}}, "b": 2}]
