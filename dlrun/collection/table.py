"""A table of runs as text cells, for terminals, Markdown and notebooks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dlrun.collection.columns import columns, rows
from dlrun.collection.differing import differing
from dlrun.collection.entry import Entry
from dlrun.collection.keys import DURATIONS, MISSING, SPEC, TIMES, value_of
from dlrun.collection.run_entry import RunEntry
from dlrun.collection.times import shown_age, shown_time
from dlrun.quantities import count
from dlrun.spec.short_keys import short_keys

_PLACES = ("study", "trial", "repeat", "fold")


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of text.

    Attributes:
        header: the titles.
        cells: one row per entry.
        differing: how many of the last columns are keys of specs that differ; these may be left
            out of a narrow table.
        long: positions of columns whose texts may be shortened first, such as names.
        secondary: positions of columns that a narrow table leaves out, in this order.
        last_resort: positions of columns whose texts may be shortened if that is not enough.
    """

    header: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    differing: int = 0
    long: tuple[int, ...] = ()
    secondary: tuple[int, ...] = ()
    last_resort: tuple[int, ...] = ()


def short_table(entries: Sequence[Entry], asked: Sequence[str] = ()) -> Table:
    """The table that people read: what matters of each run, then the keys in which they differ.

    Args:
        entries: its rows.
        asked: the columns; none for the usual ones.

    Raises:
        InputError: no entry has a column that was asked for.
    """
    if asked:
        keys = columns(entries, asked)
        return Table(tuple(asked), _rows([cells_of(entries, key) for key in keys], entries))
    titles = ["name", "id", "status", "age", "epochs"]
    found = [cells_of(entries, key) for key in titles[:4]]
    found.append([progress(entry) for entry in entries])
    titles.append(title_of_best(entries))
    found.append(["" if entry.best is None else shown(entry.best) for entry in entries])
    more = ["monitor"] if len(monitors(entries)) > 1 else []
    more += [key for key in (*_PLACES, "tag") if any(_has(entry, key) for entry in entries)]
    differ = differing(entries)
    found += [cells_of(entries, key) for key in (*more, *differ)]
    named = [*titles, *more]
    texts = [place for place, title in enumerate(named) if title in ("name", "study", "tag")]
    others = [place for place in range(len(named) - 1, len(titles) - 1, -1) if place not in texts]
    return Table(
        (*named, *brief(differ, named)),
        _rows(found, entries),
        differing=len(differ),
        long=tuple(texts),
        secondary=(3, *sorted(texts[1:]), *others, 4),  # age first, epochs last
        last_resort=(1,),
    )


def monitors(entries: Sequence[Entry]) -> set[str | None]:
    """The metrics of their best values."""
    return {entry.monitor for entry in entries if entry.best is not None}


def title_of_best(entries: Sequence[Entry]) -> str:
    """The title of the column of best values.

    It is the name of their metric, unless a run has another final value under this name.
    """
    known = monitors(entries)
    if len(known) != 1:
        return "best"
    (monitor,) = map(str, known)
    values = [(entry.best, value_of(entry, monitor)) for entry in entries if entry.best is not None]
    others = any(final is not MISSING and final != best for best, final in values)
    return f"best {monitor}" if others else monitor


def full_rows(
    entries: Sequence[Entry], asked: Sequence[str] = (), *, whole: bool = False
) -> list[dict[str, Any]]:
    """One row per entry for programs, in full precision; times in UTC as text.

    Args:
        entries: the runs and studies.
        asked: the columns; none for those of a full table.
        whole: whether a full table has all keys of the specs.

    Raises:
        InputError: no entry has a column that was asked for.
    """
    found = rows(entries, columns(entries, asked, whole=whole))
    for row in found:
        for key in TIMES:
            if row.get(key) is not None:
                row[key] = shown_time(row[key])
    return found


def _rows(found: Sequence[Sequence[str]], entries: Sequence[Entry]) -> tuple[tuple[str, ...], ...]:
    return tuple(zip(*found, strict=True)) if entries else ()


def _has(entry: Entry, key: str) -> bool:
    return value_of(entry, key) not in (MISSING, ())


def progress(entry: Entry) -> str:
    """How far a run or study is, such as ``3/10``."""
    if isinstance(entry, RunEntry):
        if entry.folds:
            return count(entry.folds, "fold")
        return str(entry.trained) if entry.planned is None else f"{entry.trained}/{entry.planned}"
    ended = entry.done + entry.failed
    return f"{ended}/{max(entry.planned or 0, entry.trials)} trials"


def cells_of(entries: Sequence[Entry], key: str) -> list[str]:
    """What people read of entries under a key; empty where an entry does not have it."""
    values = [value_of(entry, key) for entry in entries]
    if key in TIMES:
        return [shown_time(None if value is MISSING else value) for value in values]
    if key in DURATIONS:
        return [shown_age(None if value is MISSING else value) for value in values]
    return [shown(value) for value in values]


def shown(value: Any) -> str:
    """A value for people; empty for ``MISSING``."""
    if value is MISSING:
        return ""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return f"{value:.5g}" if math.isfinite(value) else str(value)
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def brief(keys: Sequence[str], taken: Sequence[str]) -> list[str]:
    """Titles for keys of specs: short ones where these say which.

    Args:
        keys: of specs.
        taken: the titles of other columns; a key with one of these gets ``spec.`` before it.
    """
    return [
        name if name not in taken else f"{SPEC}{key}" if key in taken else key
        for name, key in zip(short_keys(keys), keys, strict=True)
    ]
