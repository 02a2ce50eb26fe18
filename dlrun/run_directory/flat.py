"""Nested data as single values by dotted key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def flat(data: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every single value with its dotted path; items of a list have numbers, from 0.

    Args:
        data: mappings, lists and single values; an empty mapping or list is a single value.
        key: the path of the data; empty for all of it.
    """
    if isinstance(data, Mapping) and data:
        for name, value in data.items():
            yield from flat(value, f"{key}.{name}" if key else name)
    elif isinstance(data, list | tuple) and data:
        for number, value in enumerate(data):
            yield from flat(value, f"{key}.{number}" if key else str(number))
    else:
        yield key, data
