"""The tables of searches."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from benchmarks.pages.marked import table
from benchmarks.pages.results import Rows, matching
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
    searches = _distinct(row["search"] for row in rows)
    lines = []
    for problem in _distinct(row["problem"] for row in rows):
        cells = [problem]
        for search in searches:
            row = _one(rows, search=search, problem=problem)
            cells.append(f"{row['mean']:.3g}{_sign(row['less_ours'])}" if row else "")
        lines.append(cells)
    return table(["problem", *searches], lines)


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


def _curves(rows: Rows) -> str:
    searches = _distinct(row["search"] for row in rows)
    lines = []
    for name, epochs in _distinct((row["table"], row["epochs"]) for row in rows):
        cells = [name, str(epochs)]
        for search in searches:
            row = _one(rows, table=name, epochs=epochs, search=search)
            cells.append(f"{row['mean']:.3g}{_sign(_turned(row['ours_less_theirs']))}")
        lines.append(cells)
    return table(["trainings", "epochs", *searches], lines)


def _pruners(rows: Rows) -> str:
    names = _distinct(row["table"] for row in rows)
    lines = []
    for pruner in _distinct(row["pruner"] for row in rows):
        cells = [pruner]
        for name in names:
            row = _one(rows, table=name, pruner=pruner)
            sign = _sign(_turned(row["ours_less_theirs"]))
            cells += [f"{statistics.mean(row['epochs']):.0f}", f"{row['mean']:.3g}{sign}"]
        lines.append(cells)
    heads = (head for name in names for head in (f"{name}: epochs", "regret"))
    return table(["pruner", *heads], lines)


def _turned(ends: Sequence[float]) -> Sequence[float]:
    """The ends of the difference with the opposite sign."""
    return [-end for end in reversed(ends)]


def _one(rows: Rows, **which: Any) -> Any:
    """The result with these values; None if there is none."""
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
