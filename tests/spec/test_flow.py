"""Values in messages, tables and pictures are YAML."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.search.suggestion import identity, thawed
from dlrun.spec.flow import flow, setting, show
from dlrun.spec.nodes import plain
from dlrun.spec.problems import Problems
from dlrun.spec.yaml import parse

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    st.sampled_from(["true", "1", "1e3", ".inf", "no", "~", "${width}", "a: b", "- x", "#", "é"]),
)
DATA = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab1", min_size=1), inner),
    max_leaves=8,
)


@given(DATA)
def test_it_is_read_as_the_same_value(data: Any) -> None:
    text = flow({"key": data})
    assert len(text.splitlines()) == 1
    problems = Problems()
    tree = parse(text.replace("${", "$${"), "spec.yaml", problems)
    problems.raise_if_any()
    found = thawed(plain(tree))  # type: ignore[arg-type]
    assert identity(found) == identity({"key": data}).replace("${", "$${")


@pytest.mark.parametrize(
    ("value", "short", "message"),
    [
        (True, "true", "true"),
        (None, "null", "null"),
        (0.1, "0.1", "0.1"),
        (0.0, "0", "0.0"),
        (16, "16", "16"),
        (1 / 3, "0.3333", "0.3333333333333333"),
        (math.inf, ".inf", ".inf"),
        ("relu", "relu", "'relu'"),
        (("standardize",), "[standardize]", "[standardize]"),
        ({"focal": {"gamma": 2}}, "{focal: {gamma: 2}}", "{focal: {gamma: 2}}"),
        ([{"dense": "${width}"}], '[{dense: "${width}"}]', '[{dense: "${width}"}]'),
        ({"sgd": {"lr": 1e-3, "nesterov": False}}, *["{sgd: {lr: 0.001, nesterov: false}}"] * 2),
    ],
)
def test_short_texts(value: Any, short: str, message: str) -> None:
    assert setting(value) == short
    assert show(value) == message
