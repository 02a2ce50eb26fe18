"""The tables of docs/design/search.md: ``python -m benchmarks.search.page`` writes them again.

They are those of ``benchmarks/results/search.json``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import RESULTS, duration

PAGE = Path(__file__).parents[2] / "docs" / "design" / "search.md"
FILE = RESULTS / "search.json"
REGRET_AT = 40
"""Number of trials of the table of regrets."""

Rows = Sequence[Mapping[str, Any]]


def main() -> None:
    """Write the page."""
    PAGE.write_text(written(PAGE.read_text(), json.loads(FILE.read_text())))


def written(page: str, content: Mapping[str, Any]) -> str:
    """The page with its tables replaced: those after a comment with the name of a benchmark."""
    results = {each["name"]: each["results"] for each in content["benchmarks"]}
    for name, table in _TABLES.items():
        head = f"<!-- {name} -->\n"
        if head in page:
            pattern = re.compile(re.escape(head) + r"(?:\|.*\n)*")
            new = head + table(results[name])
            page = pattern.sub(lambda _, new=new: new, page)
    return page


def _ranks(rows: Rows) -> str:
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
    return _table(["search", *(f"{group}, {trials}" for group, trials in groups)], lines)


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
    return _table(["problem", *searches], lines)


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
    return _table(["search", *(f"at {number} trials" for number in trials)], lines)


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(row)} |\n".replace("  ", " ") for row in rows)


def _one(rows: Rows, **which: Any) -> Mapping[str, Any] | None:
    return next((row for row in rows if all(row[k] == v for k, v in which.items())), None)


def _distinct(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


def _sign(ends: Sequence[float | None] | None) -> str:
    """Whether the search is worse or better than ours with 95 % confidence."""
    low, high = ends or (None, None)
    return " +" if low is not None and low > 0 else " -" if high is not None and high < 0 else ""


_TABLES: Mapping[str, Callable[[Rows], str]] = {
    "search/rank": _ranks,
    "search/regret": _regrets,
    "search/seconds": _seconds,
}


if __name__ == "__main__":
    main()
