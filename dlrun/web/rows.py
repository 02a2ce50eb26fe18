"""A window of rows of the listing, as plain data."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from dlrun.collection.condition import parse_condition
from dlrun.collection.conditions import matching
from dlrun.collection.entry import Entry
from dlrun.collection.keys import DURATIONS, TIMES, checked_key
from dlrun.collection.order import ordered
from dlrun.collection.table import brief, cells_of, monitors, progress, shown, title_of_best
from dlrun.printable import printable
from dlrun.web.listing import Listing, key_of
from dlrun.web.query import Query

_DIFFERING = 6
"""Keys of specs that are shown unless others are asked for."""
_ORDERS = 8
"""Orders that are remembered, so that the next window takes no time."""
_FRESH = 10.0
"""Seconds for which an order is remembered: ages change."""


class Rows:
    """Rows of listings, filtered and sorted."""

    def __init__(self) -> None:
        self._orders: OrderedDict[tuple[Any, ...], Sequence[Entry]] = OrderedDict()

    def window(self, listing: Listing, query: Query) -> dict[str, Any]:
        """The rows of a window with columns, counts and notes.

        Raises:
            InputError: a condition cannot be used, or no run has a key.
        """
        found = self._ordered(listing, query)
        page = found[query.offset : query.offset + query.limit]
        columns = _columns(listing, query, found, page)
        cells = zip(*(values for *_, values in columns), strict=True) if page else ()
        return {
            "revision": listing.revision,
            "total": len(listing.entries if query.inner else listing.outer),
            "matched": len(found),
            "offset": query.offset,
            "columns": [
                {"key": key, "title": printable(title), "number": numeric}
                for key, title, numeric, _ in columns
            ],
            "rows": [
                {"key": key_of(entry.directory), "kind": entry.kind, "cells": list(row)}
                for entry, row in zip(page, cells, strict=True)
            ],
            "notes": [printable(note) for note in listing.notes[:20]],
        }

    def _ordered(self, listing: Listing, query: Query) -> Sequence[Entry]:
        moment = int(time.monotonic() / _FRESH)
        key = (
            listing.revision, moment, query.where, query.sort, query.reverse, query.inner
        )  # fmt: skip
        known = self._orders.get(key)
        if known is not None:
            return known
        found = matching(listing.entries if query.inner else listing.outer, query.where)
        if query.sort is not None and found:
            found = ordered(found, query.sort, reverse=query.reverse)
        elif query.reverse:
            found.reverse()
        self._orders[key] = found
        while len(self._orders) > _ORDERS:
            self._orders.popitem(last=False)
        return found


_Column = tuple[str | None, str, bool, Sequence[str]]
"""The key to sort by (None if it cannot be), the title, whether it has numbers, and the cells."""


def _columns(
    listing: Listing, query: Query, matched: Sequence[Entry], page: Sequence[Entry]
) -> list[_Column]:
    found: list[_Column] = [_column(page, key, key) for key in ("name", "id", "status", "age")]
    found.append(("trained", "epochs", True, [progress(entry) for entry in page]))
    # Sorting is of all matched rows, so what a page has alone does not decide.
    several = len(monitors(matched)) > 1
    title = title_of_best(matched)
    best = ["" if entry.best is None else shown(entry.best) for entry in page]
    found.append((None if several else "best", title, True, best))
    more = ["monitor"] if several else []
    if query.inner:
        more += ["trial", "repeat", "fold"]
    if any(entry.tags for entry in page):
        more.append("tag")
    wanted = [*query.columns, *(parse_condition(text).key for text in query.where)]
    wanted += [query.sort] if query.sort is not None else []
    entries = listing.entries if query.inner else listing.outer
    keys = [checked_key(key, entries, printable(key)) for key in wanted]
    shown_already = {"name", "id", "status", "age", "trained", "best", title, *more}
    more += [key for key in dict.fromkeys(keys) if key not in shown_already]
    differ = [key for key in listing.differing if key not in more][:_DIFFERING]
    taken = [title for _, title, *_ in found]
    found += [_column(page, key, f"spec.{key}" if key in taken else key) for key in more]
    short = brief(differ, [title for _, title, *_ in found])
    found += [_column(page, key, name) for key, name in zip(differ, short, strict=True)]
    return found


def _column(page: Sequence[Entry], key: str, title: str) -> _Column:
    cells = [printable(cell) for cell in cells_of(page, key)]
    numeric = key not in TIMES and (key in DURATIONS or _are_numbers(cells))
    return key, title, numeric, cells


def _are_numbers(cells: Sequence[str]) -> bool:
    known = [cell for cell in cells if cell]
    return bool(known) and all(cell[0] in "-0123456789" and _is_number(cell) for cell in known)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
