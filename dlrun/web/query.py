"""What a browser asks of the listing: conditions, order and a window of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from dlrun.errors import InputError

LARGEST = 500
"""Rows of a window, at most."""
_CONDITIONS = 50
_LETTERS = 1_000
"""Characters of a condition or a key, at most."""
_KEYS = 50
"""Runs that are compared, and columns, at most."""


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions, order and window.

    Attributes:
        where: conditions as in ``dlrun runs --where``.
        sort: a key; None for the newest first.
        reverse: whether the order is turned around.
        inner: whether to include runs of studies and folds.
        columns: keys of additional columns.
        offset: the first row, from 0.
        limit: number of rows.
    """

    where: tuple[str, ...] = ()
    sort: str | None = None
    reverse: bool = False
    inner: bool = False
    columns: tuple[str, ...] = ()
    offset: int = 0
    limit: int = 100


def parse_query(text: bytes) -> Query:
    """The query in the address of a request.

    Raises:
        InputError: it has too much in it, or a number is none.
    """
    found = _pairs(text)
    where = tuple(value for name, value in found if name == "where" and value.strip())
    columns = tuple(value for name, value in found if name == "column" and value.strip())
    if len(where) > _CONDITIONS or len(columns) > _KEYS:
        raise InputError(f"at most {_CONDITIONS} conditions and {_KEYS} columns can be used")
    named = dict(found)
    return Query(
        where=where,
        sort=named.get("sort") or None,
        reverse=named.get("reverse") == "1",
        inner=named.get("inner") == "1",
        columns=columns,
        offset=_whole(named.get("offset", "0"), 10**9),
        limit=max(1, _whole(named.get("limit", "100"), LARGEST)),
    )


def parse_keys(text: bytes) -> Sequence[str]:
    """The keys of runs in the address of a request, each once.

    Raises:
        InputError: there are too many.
    """
    words = [value for name, value in _pairs(text) if name == "keys"]
    keys = list(dict.fromkeys(filter(None, ",".join(words).split(","))))
    if len(keys) > _KEYS:
        raise InputError(f"at most {_KEYS} runs can be compared at once")
    return keys


def _pairs(text: bytes) -> list[tuple[str, str]]:
    try:
        found = parse_qsl(text.decode("ascii"), keep_blank_values=True, max_num_fields=200)
    except ValueError as error:
        raise InputError("this address cannot be read") from error
    if any(name != "keys" and len(value) > _LETTERS for name, value in found):
        raise InputError(f"a condition has at most {_LETTERS:,} characters")
    return found


def _whole(word: str, most: int) -> int:
    if not (word.isascii() and word.isdecimal() and len(word) < 10):
        raise InputError(f"{word[:20]!r} is not a number of rows")
    return min(int(word), most)
