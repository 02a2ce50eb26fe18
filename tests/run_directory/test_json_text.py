from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.errors import DataError
from dlrun.run_directory.json_text import parsed, read_object, to_json

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def strict(text: str) -> Any:
    """Parse as RFC 8259 has it: Python's parser, but without its NaN and Infinity."""

    def refuse(constant: str) -> Any:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [finite(item) for item in value]
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    return value


@given(values)
def test_everything_comes_back_but_what_is_not_finite(value: Any) -> None:
    assert strict(to_json(value)) == finite(value)
    assert strict(to_json(value, indent=2)) == finite(value)


def test_numpy_paths_and_tuples() -> None:
    value = {
        "scalar": np.float32(0.5),
        "count": np.int64(3),
        "array": np.array([[1.0, np.nan]]),
        "path": Path("a/b"),
        "tuple": (1, 2),
        "infinite": np.float64(-np.inf),
    }
    assert strict(to_json(value)) == {
        "scalar": 0.5,
        "count": 3,
        "array": [[1.0, None]],
        "path": "a/b",
        "tuple": [1, 2],
        "infinite": None,
    }


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(TypeError, match="JSON cannot represent bytes"):
        to_json({"x": b"1"})


@pytest.mark.parametrize("number", [None, 5])
def test_a_text_without_an_end_is_said_in_a_whole_sentence(number: int | None) -> None:
    with pytest.raises(DataError) as caught:
        parsed('{"event": "ba', "journal.jsonl", number)
    said = "journal.jsonl:1:11: not JSON: Unterminated string"
    if number is not None:
        said = said.replace(":1:", ":5:") + "; the line is damaged, restore the file from a copy"
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": ', ":1:7: not JSON"),
        (b"[1]", "expected a JSON object, got list"),
        (b"\xff", "byte 0 is not UTF-8"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "result.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_object(path)
    assert str(caught.value).startswith(str(path))
