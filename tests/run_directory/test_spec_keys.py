"""The quick reader of resolved specs reads what the full one reads, or leaves it to that one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.errors import DataError
from dlrun.run_directory.quick_spec import OtherFormError, quick
from dlrun.run_directory.spec_keys import read_keys, single
from dlrun.spec.resolved import to_yaml

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=120)
SINGLE = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | st.sampled_from(["relu", "a b", "- x", "---", "yes", "1e3", "a: b", "# no", "'", "~", ""])
    | WORDS
)
KEYS = st.text("abcxyz_-19", min_size=1, max_size=8)
TREES = st.recursive(
    SINGLE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
)


@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=4))
def test_what_is_read_quickly_is_read_correctly(data: dict[str, Any]) -> None:
    expected = dict(single(data))
    try:
        found = quick(to_yaml(data))
    except OtherFormError:
        return
    assert found == expected
    assert list(map(type, found.values())) == list(map(type, expected.values()))


def test_a_usual_spec_is_read_quickly() -> None:
    data = {
        "name": "moons",
        "params": {},
        "data": {"source": {"csv": {"file": "data/a.csv", "names": ["x y", "z"]}}},
        "model": [{"dense": {"units": 8, "sizes": [3, 3]}}, "relu", {"dense": {"units": 2}}],
        "optimizer": {"adam": {"lr": 1e-08, "clip": None, "text": "1"}},
    }
    assert quick(to_yaml(data)) == {
        "name": "moons",
        "params": "{}",
        "data.source.csv.file": "data/a.csv",
        "data.source.csv.names.0": "x y",
        "data.source.csv.names.1": "z",
        "model.0.dense.units": 8,
        "model.0.dense.sizes.0": 3,
        "model.0.dense.sizes.1": 3,
        "model.1": "relu",
        "model.2.dense.units": 2,
        "optimizer.adam.lr": 1e-08,
        "optimizer.adam.clip": None,
        "optimizer.adam.text": "1",
    }


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2\n",
        "a:\n  b: 1\n c: 2\n",
        "a: &x 1\n",
        "a:\n",
        "- 1\n",
        "a: 1 # one\n",
        "a: b: c\n",
    ],
)
def test_another_form_is_not_read_quickly(text: str) -> None:
    with pytest.raises(OtherFormError):
        quick(text)


def test_an_edited_spec_is_read_by_the_full_reader(tmp_path: Path) -> None:
    file = tmp_path / "resolved.yaml"
    file.write_text("a: {b: [1, 'x']}  # edited\n")
    assert read_keys(file) == {"a.b.0": 1, "a.b.1": "x"}
    file.write_text("a: 1\na: 2\n")
    with pytest.raises(DataError, match=r"resolved.yaml:2:1: "):
        read_keys(file)
