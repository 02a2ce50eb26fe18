"""Delimited text files: from bytes to columns of text with line numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from dlrun.data.files.other_formats import text_format
from dlrun.data.files.text_file import read_text, text_lines
from dlrun.data.numerals import PLAIN, Numerals
from dlrun.data.tables.text_table import TextTable, other_delimiter
from dlrun.errors import DataError

_TABS = (".tsv", ".tab", ".tsv.gz", ".tab.gz")
"""Endings of files with fields separated by tabs."""

_CELLS = 1 << 17
"""Cells in a block of a table that is read in blocks."""


@dataclass(frozen=True, slots=True)
class Format:
    """The format of a table.

    Attributes:
        delimiter: the field separator; None is a tab in .tsv and .tab files, else a comma.
        numerals: the notation of numbers.
    """

    delimiter: str | None = None
    numerals: Numerals = PLAIN


def delimiter_of(name: str, form: Format) -> str:
    """The field separator of a file.

    Args:
        name: of the file.
        form: its format.
    """
    if form.delimiter is not None:
        return form.delimiter
    return "\t" if name.lower().endswith(_TABS) else ","


def read_delimited(path: Path, name: str, form: Format) -> TextTable:
    """Read a UTF-8 text file with a header line, unpacked if its name ends in .gz.

    Args:
        path: the file.
        name: its name in messages.
        form: its format; quotes are as in RFC 4180.

    Raises:
        DataError: the file is missing or broken; the message names the line.
    """
    text = read_text(path, name)
    if len(text) > csv.field_size_limit():  # a global limit; no field is longer than the file
        csv.field_size_limit(len(text))
    (table,) = _tables(io.StringIO(text, newline=""), name, form, None)
    return table


def delimited_blocks(path: Path, name: str, form: Format) -> Iterator[TextTable]:
    """The table of ``read_delimited`` in blocks of consecutive rows, as they are read.

    Raises:
        DataError: as ``read_delimited``, but blocks before the faulty line are returned first.
    """
    with text_lines(path, name) as lines:
        yield from _tables(lines, name, form, _CELLS)


def _tables(lines: Iterable[str], name: str, form: Format, most: int | None) -> Iterator[TextTable]:
    """Tables of at most ``most`` cells, and at least one row; None puts all rows into one."""
    lines = iter(lines)
    top = next(lines, "")
    if other := text_format(top):
        raise DataError(f"{name}:1: not a delimited table, but {other}")
    reader = csv.reader(chain((top,), lines), delimiter=delimiter_of(name, form), strict=True)
    header: tuple[str, ...] | None = None
    rows: list[list[str]] = []
    starts: list[int] = []
    line, returned = 1, False
    try:
        for row in reader:
            if header is None:
                header = _header(row, f"{name}:{line}") if row else None
            elif row:
                if len(row) != len(header):
                    hint = other_delimiter(header)
                    raise DataError(
                        f"{name}:{line}: {_count(len(row), 'field')}, the header has "
                        f"{len(header)}; {hint or 'look for a missing or an extra delimiter'}"
                    )
                rows.append(row)
                starts.append(line)
                if most is not None and len(rows) * len(header) >= most:
                    yield TextTable(name, header, rows, starts, form.numerals)
                    rows, starts, returned = [], [], True
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{name}:{line}: {error}; look for a quote that is not closed") from error
    if header is None:
        raise DataError(f"{name}: the file is empty; its first line must name the columns")
    if rows:
        yield TextTable(name, header, rows, starts, form.numerals)
    elif not returned:
        raise DataError(f"{name}: no rows after the header")


def _header(row: Sequence[str], place: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in row)
    known: set[str] = set()
    for number, name in enumerate(names, start=1):
        if not name:
            raise DataError(
                f"{place}: column {number} has no name in the header; give it one, or write the "
                "table without the index of its rows"
            )
        if name in known:
            raise DataError(f"{place}: two columns are called '{name}'; rename one")
        known.add(name)
    return names


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
