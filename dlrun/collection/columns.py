"""The columns of a table of runs: the keys in which they differ, and their values as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dlrun.collection.differing import differing
from dlrun.collection.entry import Entry
from dlrun.collection.keys import FIELDS, MISSING, checked_key, scores, spec_keys, value_of


def columns(
    entries: Sequence[Entry], asked: Iterable[str] = (), *, whole: bool = False
) -> list[str]:
    """The columns of a table.

    Args:
        entries: its rows.
        asked: the keys that the user asks for; none for those of a full table: what is known of
            each run, all scores, and the keys that differ.
        whole: whether all other keys of the specs follow these.

    Raises:
        InputError: no entry has a key.
    """
    names = [checked_key(key, entries, f"--columns {key}") for key in asked]
    if names:
        return names
    fields = [key for key in FIELDS if key not in ("size", "age")]
    known = [key for key in fields if any(value_of(each, key) is not MISSING for each in entries)]
    found = [*known, *scores(entries), *differing(entries)]
    return [*dict.fromkeys([*found, *spec_keys(entries)])] if whole else found


def rows(entries: Sequence[Entry], keys: Sequence[str]) -> list[dict[str, Any]]:
    """One row per entry with plain values by key; None where an entry does not have the key."""
    return [{key: _plain(value_of(entry, key)) for key in keys} for entry in entries]


def _plain(value: Any) -> Any:
    if value is MISSING:
        return None
    return list(value) if isinstance(value, tuple) else value
