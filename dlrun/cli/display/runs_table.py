"""Runs as a table on the terminal, as CSV, JSON and Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from dlrun.cli.display import page
from dlrun.cli.display.fitting import fitted
from dlrun.cli.display.terminal import Terminal, line_width
from dlrun.collection.entry import Entry
from dlrun.collection.table import short_table
from dlrun.printable import markdown
from dlrun.quantities import count
from dlrun.run_directory.json_text import to_json


def print_runs(
    terminal: Terminal, entries: Sequence[Entry], total: int, asked: Sequence[str]
) -> None:
    """Print a table that fits the terminal, and what it leaves out.

    Args:
        terminal: where.
        entries: its rows.
        total: number of runs before filtering.
        asked: the columns; none for the usual ones, of which those that do not fit are left out.
    """
    if not entries:
        terminal.line(f"none of {count(total, 'run')}" if total else "no runs")
        return
    table = short_table(entries, asked)
    lines, left_out = fitted(table, line_width(), terminal.ellipsis)
    terminal.lines("\n".join([*lines, *page.missing(left_out, "use --columns or --csv")]))
    if len(entries) < total:
        terminal.line(f"{len(entries)} of {count(total, 'run')}")


def as_csv(rows: Sequence[Mapping[str, Any]], asked: Sequence[str] = ()) -> str:
    """The rows with every number in full precision, without a line end after the last one."""
    text = io.StringIO()
    header = list(rows[0]) if rows else list(asked)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(row[key]) for key in header] for row in rows)
    return text.getvalue().removesuffix("\n")


def as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as a list of objects."""
    return to_json(rows, indent=2)


def as_markdown(entries: Sequence[Entry], asked: Sequence[str]) -> str:
    """The table with all columns in which the runs differ."""
    table = short_table(entries, asked)
    lines = [_row(table.header), f"|{'---|' * len(table.header)}"]
    return "\n".join([*lines, *map(_row, table.cells)])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(markdown, cells))} |"


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(value) if isinstance(value, list) else value
