"""The tables of searches."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from benchmarks.pages.marked import table
from benchmarks.pages.results import Rows, matching, one
from benchmarks.report import duration

REGRET_AT = 40
"""Number of trials of the table of regrets."""


def tables(results: Mapping[str, Rows]) -> Mapping[str, str]:
    """By the names of the benchmarks, as their results are."""
    return {name: make(results[name]) for name, make in _TABLES.items()}


def ranks(rows: Rows) -> str:
    """Mean ranks, and on how many problems a search is worse than random."""
    groups = _distinct((row["problems"], row["trials"]) for row in rows)
    lines = []
    for search in _distinct(row["search"] for row in rows):
        cells = [search]
        for group in groups:
            row = _one(rows, search=search, problems=group[0], trials=group[1])
            cells.append(
                f"{row['rank']:.1f} ({row['interval'][0]:.1f} to {row['interval'][1]:.1f})"
                f", {len(row['worse_than_random_on'])}"
                if row
                else ""
            )
        lines.append(cells)
    return table(["search", *(f"{group}, {trials}" for group, trials in groups)], lines)


def _regrets(rows: Rows) -> str:
    rows = [row for row in rows if row["trials"] == REGRET_AT]
    return _by_search(rows, {"problem": "problem"}, lambda row: row["less_ours"])


def _curves(rows: Rows) -> str:
    heads = {"table": "trainings", "epochs": "epochs"}
    return _by_search(rows, heads, _less_ours)


def _by_search(rows: Rows, heads: Mapping[str, str], less_ours: Callable[[Any], Any]) -> str:
    """Mean regrets, a column for each search; ``heads`` are those of the other columns, by key."""
    searches = _distinct(row["search"] for row in rows)
    lines = []
    for values in _distinct(tuple(row[key] for key in heads) for row in rows):
        cells = [str(value) for value in values]
        for search in searches:
            row = _one(rows, search=search, **dict(zip(heads, values, strict=True)))
            cells.append(f"{row['mean']:.3g}{_sign(less_ours(row))}" if row else "")
        lines.append(cells)
    return table([*heads.values(), *searches], lines)


def _seconds(rows: Rows) -> str:
    trials = _distinct(row["trials"] for row in rows)
    lines = []
    for search in _distinct(row["search"] for row in rows):
        cells = [search]
        for number in trials:
            row = _one(rows, search=search, trials=number)
            found = sorted(row["seconds"].values()) if row else []
            cells.append(f"{duration(found[0])} to {duration(found[-1])}" if found else "")
        lines.append(cells)
    return table(["search", *(f"at {number} trials" for number in trials)], lines)


def _pruners(rows: Rows) -> str:
    names = _distinct(row["table"] for row in rows)
    lines = []
    for pruner in _distinct(row["pruner"] for row in rows):
        cells = [pruner]
        for name in names:
            row = one(rows, table=name, pruner=pruner)
            sign = _sign(_less_ours(row))
            cells += [f"{statistics.mean(row['epochs']):.0f}", f"{row['mean']:.3g}{sign}"]
        lines.append(cells)
    heads = (head for name in names for head in (f"{name}: epochs", "regret"))
    return table(["pruner", *heads], lines)


def _less_ours(row: Mapping[str, Any]) -> Sequence[float]:
    """The ends of the difference, which is stored with the opposite sign."""
    return [-end for end in reversed(row["ours_less_theirs"])]


def _one(rows: Rows, **which: Any) -> Mapping[str, Any] | None:
    return next(matching(rows, **which), None)


def _distinct(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


def _sign(ends: Sequence[float | None] | None) -> str:
    """Whether the search is worse or better than ours with 95 % confidence."""
    low, high = ends or (None, None)
    return " +" if low is not None and low > 0 else " -" if high is not None and high < 0 else ""


_TABLES: Mapping[str, Callable[[Rows], str]] = {
    "search/rank": ranks,
    "search/regret": _regrets,
    "search/seconds": _seconds,
    "search/curves": _curves,
    "search/pruners": _pruners,
}
