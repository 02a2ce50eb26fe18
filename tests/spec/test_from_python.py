from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.spec.from_python import from_plain, from_python
from dlrun.spec.nodes import MAX_DEPTH, MAX_NODES, plain
from dlrun.spec.origin import Default, InMapping
from dlrun.spec.problems import Problems
from dlrun.spec.resolved import to_yaml
from dlrun.spec.yaml import parse


def errors(value: Any) -> tuple[str, ...]:
    problems = Problems()
    from_python(value, lambda path: InMapping("spec", ".".join(path)), problems)
    return tuple(problems.lines())


@pytest.mark.parametrize(
    ("value", "held"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.str_("a"), "a"),
        (Path("folder/file.csv"), "folder/file.csv"),
        ([1, (2, [3])], (1, (2, (3,)))),
        ({"a": {"b": None}}, {"a": {"b": None}}),
        (True, True),
        (-(2**63), -(2**63)),
        (2**64 - 1, 2**64 - 1),
    ],
)
def test_values_become_plain_ones(value: object, held: object) -> None:
    found = plain(from_plain(value, Default()))
    assert found == held
    assert type(found) is type(held)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({1: "x"}, "spec: 1: a key must be text, got 1; put it in quotes"),
        ({"a": [{True: 2}]}, "spec: a.0.True: a key must be text, got True; put it in quotes"),
        ({"a": object()}, "spec: a: a spec cannot contain a value of type object; use text"),
        ({"a": {"b": {1, 2}}}, "spec: a.b: a spec cannot contain a value of type set; "),
        ([b"x"], "spec: 0: a spec cannot contain a value of type bytes; "),
        ({"a": np.zeros(2)}, "spec: a: a spec cannot contain a value of type numpy.ndarray; "),
        ({"a": 1j}, "spec: a: a spec cannot contain a value of type complex; "),
        ({"a": 2**64}, "spec: a: a number does not fit into 64 bits; "),
        ({"a": 10**5000}, "spec: a: a number does not fit into 64 bits; "),
        ({"a": "\udcff"}, "spec: a: text that is not valid Unicode; "),
        ({"\udcff": 1}, "a key that is not valid Unicode; "),
    ],
)
def test_what_a_spec_cannot_hold_is_named_with_its_path(value: object, words: str) -> None:
    (error,) = errors(value)
    assert words in error
    with pytest.raises(ValueError, match="; "):
        from_plain(value, Default())


def test_all_errors_are_found() -> None:
    assert len(errors({"a": object(), "b": {2: 3}, "c": [2**70]})) == 3


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value


def test_depth_is_limited_as_in_a_file() -> None:
    assert errors(nested(MAX_DEPTH)) == ()
    (error,) = errors({"a": nested(MAX_DEPTH + 1)})
    assert error.endswith("nested deeper than 64 levels; flatten it")


def test_a_value_that_contains_itself() -> None:
    inside: dict[str, Any] = {"other": 1}
    inside["itself"] = inside
    items: list[Any] = []
    items.append((items,))
    assert errors({"a": inside}) == ("spec: a.itself: a value that contains itself; write it out",)
    assert errors(items) == ("spec: 0.0: a value that contains itself; write it out",)


def test_one_list_may_be_used_twice() -> None:
    shared = [1, 2]
    assert plain(from_plain({"a": shared, "b": shared}, Default())) == {"a": (1, 2), "b": (1, 2)}


def test_the_number_of_values_is_limited_as_in_a_file() -> None:
    assert errors(list(range(MAX_NODES - 1))) == ()
    bomb: list[Any] = []
    for _ in range(MAX_DEPTH - 1):
        bomb = [bomb, bomb]
    start = time.monotonic()
    for value in (list(range(MAX_NODES)), bomb, {"a": "x" * 10**7}):
        (error,) = errors(value)
        assert error.startswith("spec: more than 100,000 values, or 6.4 million characters; ")
    assert time.monotonic() - start < 60


TEXT = st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: text != "<<")
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


@given(VALUES)
def test_a_value_and_its_yaml_are_the_same_tree(value: object) -> None:
    tree = plain(from_plain(value, Default()))
    problems = Problems()
    node = parse(to_yaml(tree), "f", problems)
    assert not problems
    assert node is not None
    assert plain(node) == tree
