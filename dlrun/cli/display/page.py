"""Pages of text in sections, which fit the terminal and say what they leave out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dlrun.cli.display.fitting import fitted
from dlrun.cli.display.terminal import Terminal, line_width
from dlrun.collection.table import Table
from dlrun.printable import printable
from dlrun.quantities import count, size
from dlrun.summaries.next_steps import Step
from dlrun.summaries.run_files import FileList

PLOT_WIDTH = 78
"""Characters in a line of a plot, at most."""
_COPIED = ("command", "directory", "study")
"""Facts that are likely to be copied, which are not wrapped."""
_NAMED = 8
"""Columns that a sentence about missing ones names, at most."""
_FILES = 30
"""Files that are listed, at most."""


def print_sections(terminal: Terminal, sections: Iterable[Sequence[str]]) -> None:
    """Print sections with an empty line between them; empty sections are left out."""
    shown = ["\n".join(map(printable, lines)) for lines in sections if lines]
    terminal.lines("\n\n".join(shown))


def facts(rows: Mapping[str, str]) -> list[str]:
    """Names and values in two columns; empty values are left out, and long sentences wrapped."""
    known = {name: printable(value) for name, value in rows.items() if value}
    longest = max(map(len, known), default=0)
    lines = []
    for name, text in known.items():
        first = f"{name:<{longest}}  "
        if name in _COPIED:
            lines.append(first + text)
        else:
            lines += wrapped(text, first)
    return lines


def wrapped(text: str, first: str = "", indent: int | None = None) -> list[str]:
    """A sentence in lines that fit the terminal; words are not cut.

    Args:
        text: the sentence.
        first: what its first line begins with.
        indent: spaces before the other lines; None for the length of ``first``.
    """
    before = " " * (len(first) if indent is None else indent)
    lines = textwrap.wrap(
        text,
        line_width(),
        initial_indent=first,
        subsequent_indent=before,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines or [first.rstrip()]


def table(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str]], optional: int = 0
) -> list[str]:
    """A titled table; what does not fit is named below it.

    Args:
        title: the line above it.
        header: titles of the columns.
        rows: of the table; none for no lines at all.
        optional: how many of the last columns may be left out.
    """
    if not rows:
        return []
    cells = tuple(tuple(row) for row in rows)
    lines, left_out = fitted(Table(tuple(header), cells, optional), line_width())
    return [title, *lines, *missing(left_out, "use --json")]


def missing(left_out: Sequence[str], advice: str) -> list[str]:
    """A sentence about the columns that a table leaves out; nothing if it has all of them.

    Args:
        left_out: their titles.
        advice: where they are.
    """
    if not left_out:
        return []
    more = f" and {len(left_out) - _NAMED} more" if len(left_out) > _NAMED else ""
    names = ", ".join(left_out[:_NAMED])
    return wrapped(f"{count(len(left_out), 'more column')}: {names}{more}; {advice}")


def value(data: Any) -> str:
    """A value of a spec, or a score: five digits of a number."""
    if data is None or isinstance(data, bool):
        return {None: "null", True: "true", False: "false"}[data]
    return f"{data:.5g}" if isinstance(data, float) else str(data)


def score(number: float | None) -> str:
    """A score, or nothing if there is none."""
    return "" if number is None else f"{number:.5g}"


def files(listed: FileList) -> list[str]:
    """The files with their sizes, and how many are left out."""
    names = [("" if each.size is None else size(each.size), each.path) for each in listed.files]
    if not names:
        return []
    total = size(listed.size)
    whole = "" if listed.whole else " and more"
    lines = [f"files: {len(names):,}{whole}, {total}{whole}"]
    longest = max(len(each) for each, _ in names[:_FILES])
    lines += [f"{each:>{longest}}  {name}" for each, name in names[:_FILES]]
    if len(names) > _FILES:
        lines.append(f"... and {len(names) - _FILES:,} more; use --json")
    return lines


def steps(commands: Sequence[Step]) -> list[str]:
    """Commands, each with its purpose above it."""
    return [line for each in commands for line in (f"{each.purpose}:", f"  {each.command}")]
