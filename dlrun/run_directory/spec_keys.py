"""The values of a resolved spec by dotted key, read in a fraction of the time of the full reader.

``resolved.yaml`` is written by dlrun in one form: a key or an item per line, indented by two, with
plain or single-quoted values.  ``quick`` reads that form and nothing else.  Any other file,
such as one that was edited, goes to the reader of specs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dlrun.errors import DataError, SpecError
from dlrun.run_directory.access import read_text
from dlrun.run_directory.flat import flat
from dlrun.run_directory.quick_spec import OtherFormError, quick

LIMIT = 2**20
"""Bytes of a resolved spec, at most."""

Value = str | int | float | bool | None
"""A single value; an empty list or mapping is the text ``[]`` or ``{}``."""


def read_keys(path: Path) -> dict[str, Value]:
    """The values of a spec by dotted key, such as ``optimizer.adam.lr``; of lists by number.

    Raises:
        DataError: it is missing, not a regular file, or not a spec.
    """
    text = read_text(path, LIMIT)
    try:
        return quick(text)
    except OtherFormError:
        return _thorough(text, path)


def _thorough(text: str, path: Path) -> dict[str, Value]:
    from dlrun.spec.nodes import Mapping as Tree
    from dlrun.spec.nodes import plain
    from dlrun.spec.problems import Problems
    from dlrun.spec.yaml import parse

    problems = Problems()
    tree = parse(text, str(path), problems)
    try:
        problems.raise_if_any()
    except SpecError as error:
        raise DataError(error.errors[0]) from error
    if not isinstance(tree, Tree):
        raise DataError(f"{path}: not a spec; the file is broken")
    return dict(single(plain(tree)))


def single(data: Any) -> Iterator[tuple[str, Value]]:
    """Every value of a spec with its dotted key."""
    for key, value in flat(data):
        if isinstance(value, Mapping | list | tuple):
            yield key, "{}" if isinstance(value, Mapping) else "[]"
        else:
            yield key, value
