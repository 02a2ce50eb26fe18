"""Files of delimited text: from bytes to columns of text, each value with its line."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import ClassVar

from dlrun.data.input_file import need_room, opened, unpacked
from dlrun.data.numerals import PLAIN, Numerals
from dlrun.data.text_column import TextColumn
from dlrun.errors import DataError
from dlrun.spec.problems import did_you_mean

_TABS = (".tsv", ".tab", ".tsv.gz", ".tab.gz")
"""How names of files end whose fields stand between tabs."""

_DELIMITERS = (";", "\t", "|", ",")
"""What stands between fields where the delimiter is another than was taken for it."""

_TIMES = 10
"""Memory that a table of text takes, in times of its file: each cell is an object."""


@dataclass(frozen=True, slots=True)
class Format:
    """How a table is written.

    Attributes:
        delimiter: the character between two fields; None is a tab in files called .tsv or .tab, a
            comma in others.
        numerals: how numbers are written.
    """

    delimiter: str | None = None
    numerals: Numerals = PLAIN


@dataclass(frozen=True)
class TextTable:
    """A file's header and rows, all of one length; ``lines`` says where each row starts."""

    file: str
    header: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]
    numerals: Numerals = PLAIN

    index: ClassVar[frozenset[str]] = frozenset()
    """Columns that are no data but numbers of rows."""

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.header)}

    def lacks(self, name: str) -> str | None:
        """What is wrong where the header has no such column; None where it has."""
        if name in self._places:
            return None
        advice = did_you_mean(name, self.header)
        if hint := _other_delimiter(self.header):
            advice = f"it has one, '{self.header[0]}'; {hint}"
        return f"{self.file}:1: the header has no column '{name}'; {advice}"

    def column(self, name: str, missing: frozenset[str]) -> TextColumn:
        """The column of that name.

        Args:
            name: of the column.
            missing: texts that stand for a missing value; of a number each way to write it.
        """
        place, parse = self._places[name], self.numerals.parse
        cells = [row[place].strip() for row in self.rows]
        if numbers := _numbers(missing, self.numerals):
            missing |= {cell for cell in set(cells) if parse(cell) in numbers}
        return TextColumn(self.file, name, cells, self.lines, missing, self.numerals)


def read_delimited(path: Path, name: str, form: Format) -> TextTable:
    """Read a file of UTF-8 text, unpacked where its name ends in .gz, with a header line.

    Args:
        path: the file.
        name: what messages call it.
        form: how it is written; quotes are as in RFC 4180.

    Raises:
        DataError: the file is missing or broken; the message names the line.
    """
    text = read_text(path, name)
    delimiter = form.delimiter
    if delimiter is None:
        delimiter = "\t" if name.lower().endswith(_TABS) else ","
    if len(text) > csv.field_size_limit():  # of all readers; a field is never longer than the file
        csv.field_size_limit(len(text))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: tuple[str, ...] | None = None
    rows: list[list[str]] = []
    lines: list[int] = []
    line = 1
    try:
        for row in reader:
            if header is None:
                header = _header(row, f"{name}:{line}") if row else None
            elif row:
                if len(row) != len(header):
                    hint = _other_delimiter(header)
                    raise DataError(
                        f"{name}:{line}: {_count(len(row), 'field')}, the header has {len(header)}"
                        f"{'; ' if hint else ''}{hint}"
                    )
                rows.append(row)
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{name}:{line}: {error}; look for a quote that is not closed") from error
    if header is None:
        raise DataError(f"{name}: the file is empty; its first line must name the columns")
    if not rows:
        raise DataError(f"{name}: no rows below the header")
    return TextTable(name, header, rows, lines, form.numerals)


def read_text(path: Path, name: str) -> str:
    """Read a file of UTF-8 text, unpacked where its name ends in .gz.

    Args:
        path: the file.
        name: what messages call it.

    Raises:
        DataError: the file is missing or broken; the message names the line.
    """
    return _decode(_read_bytes(path, name), name)


def _read_bytes(path: Path, name: str) -> bytes:
    with opened(path, name) as file:
        if path.suffix == ".gz":
            return unpacked(file, name, _TIMES)
        need_room(_TIMES * os.fstat(file.fileno()).st_size, name)
        return file.read()


def _decode(content: bytes, name: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise DataError(f"{name}:{line}: not UTF-8 text; save the file as UTF-8") from error
    zero = text.find("\0")
    if zero >= 0:
        line = text.count("\n", 0, zero) + 1
        raise DataError(f"{name}:{line}: a zero byte; save the file as UTF-8 text")
    return text


@cache
def _numbers(texts: frozenset[str], numerals: Numerals) -> frozenset[float]:
    """The numbers among some texts; kept, since a table may have a million columns."""
    return frozenset(number for text in texts if (number := numerals.parse(text)) is not None)


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


def _other_delimiter(header: Sequence[str]) -> str:
    """What to do where all of a header is one field, though it looks like several; "" if not."""
    between = next((each for each in _DELIMITERS if each in header[0]), None)
    if len(header) > 1 or between is None:
        return ""
    shown = "tab" if between == "\t" else f"'{between}'"
    return f"set data.source.delimiter, perhaps to {shown}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
