"""Runs as HTML for notebooks; all text is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from dlrun.printable import printable

_MOST = 200
"""Rows that a notebook shows, at most."""


def html_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; the first rows of a long one, and how many there are."""
    lines = ["<table>", _row("th", header)]
    lines += [_row("td", row) for row in rows[:_MOST]]
    lines.append("</table>")
    if len(rows) > _MOST:
        lines.append(f"<p>... and {len(rows) - _MOST:,} more</p>")
    return "\n".join(lines)


def html_facts(title: str, facts: Mapping[str, str]) -> str:
    """A title and a table of names and values."""
    lines = [f"<b>{_text(title)}</b>", "<table>"]
    lines += [
        f"<tr><th>{_text(name)}</th><td>{_text(value)}</td></tr>" for name, value in facts.items()
    ]
    return "\n".join([*lines, "</table>"])


def _row(tag: str, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{_text(cell)}</{tag}>' for cell in cells)}</tr>"


def _text(text: str) -> str:
    return escape(printable(text))
