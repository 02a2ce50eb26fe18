"""The stored results that the pages show."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.report import RESULTS

Rows = Sequence[Mapping[str, Any]]
"""The results of a benchmark."""

_FILES = ("train", "predict", "memory", "search", "curves")


def results(files: Sequence[str] = _FILES) -> Mapping[str, Rows]:
    """By the name of their benchmark, of which each is in one of the files."""
    contents = (json.loads((RESULTS / f"{name}.json").read_text()) for name in files)
    return {each["name"]: each["results"] for content in contents for each in content["benchmarks"]}


def one(rows: Rows, **which: Any) -> Mapping[str, Any]:
    """The result with these values.

    Raises:
        ValueError: there is none, or more than one.
    """
    (found,) = matching(rows, **which)
    return found


def matching(rows: Rows, **which: Any) -> Iterator[Mapping[str, Any]]:
    """The results with these values."""
    return (row for row in rows if all(row[key] == value for key, value in which.items()))
