"""Files of delimited text: from bytes to columns of text, each value with its line."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlrun.arrays import Array
from dlrun.data.input_file import need_room, opened, unpacked
from dlrun.errors import DataError
from dlrun.spec.problems import did_you_mean

_LARGEST = float(np.finfo(np.float32).max)

_TABS = (".tsv", ".tab", ".tsv.gz", ".tab.gz")
"""How names of files end whose fields stand between tabs."""

_TIMES = 10
"""Memory that a table of text takes, in times of its file: each cell is an object."""


def parse_number(text: str) -> float | None:
    """The number that a cell holds, or None; ``float`` alone would take 1_000 for one as well."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if text.isascii() and "_" not in text else None


@dataclass(frozen=True, slots=True)
class TextColumn:
    """The cells of a column.

    Attributes:
        file: the file's name, for messages.
        name: the column's.
        cells: their text, without blanks at either end.
        lines: the line of the file that each cell's row starts at.
        missing: texts that stand for a missing value.
    """

    file: str
    name: str
    cells: Sequence[str]
    lines: Sequence[int]
    missing: frozenset[str]

    def is_numeric(self) -> bool:
        """Whether every value that is present reads as a number."""
        return all(
            parse_number(cell) is not None for cell in self.cells if cell not in self.missing
        )

    def values(self) -> list[str]:
        """The different texts that are present, sorted."""
        return sorted(set(self.cells) - self.missing)

    def numbers(self) -> Array:
        """The cells as numbers, (n,) float64, NaN where missing.

        Raises:
            DataError: a cell holds no number, or none that float32 can hold.
        """
        result = np.empty(len(self.cells))
        for row, cell in enumerate(self.cells):
            if cell in self.missing:
                result[row] = np.nan
                continue
            value = parse_number(cell)
            if value is None:
                raise self.fault(
                    row,
                    f"{cell!r} is not a number; correct it or list it under data.source.missing",
                )
            if not abs(value) <= _LARGEST:
                raise self.fault(
                    row,
                    f"{cell!r} is no finite 32-bit number; correct it or list it under "
                    "data.source.missing",
                )
            result[row] = value
        return result

    def codes(self, categories: Sequence[str]) -> Array:
        """Each cell's place among ``categories``, (n,) float64, NaN where missing.

        Raises:
            DataError: a cell holds none of them.
        """
        code = {category: float(number) for number, category in enumerate(categories)}
        code.update(dict.fromkeys(self.missing, np.nan))
        try:
            return np.array([code[cell] for cell in self.cells])
        except KeyError:
            row = next(row for row, cell in enumerate(self.cells) if cell not in code)
            raise self.fault(
                row, f"{self.cells[row]!r} is no category of the training data"
            ) from None

    def class_codes(self, classes: Sequence[str]) -> Array:
        """Each cell's place among the classes of the training data, (n,) int64.

        Raises:
            DataError: a cell names none of them.
        """
        for row, label in enumerate(self.cells):
            if label not in classes:
                raise self.fault(row, f"{label!r} is no class of the training data")
        return self.codes(classes).astype(np.int64)

    def fault(self, row: int, what: str) -> DataError:
        """The error that says what is wrong with the cell of a row."""
        return DataError(f"{self.file}:{self.lines[row]}: column '{self.name}': {what}")


@dataclass(frozen=True, slots=True)
class TextTable:
    """A file's header and rows, all of one length; ``lines`` says where each row starts."""

    file: str
    header: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]

    def lacks(self, name: str) -> str | None:
        """What is wrong where the header has no such column; None where it has."""
        if name in self.header:
            return None
        advice = did_you_mean(name, self.header)
        return f"{self.file}:1: the header has no column '{name}'; {advice}"

    def column(self, name: str, missing: frozenset[str]) -> TextColumn:
        """The column of that name."""
        place = self.header.index(name)
        cells = [row[place].strip() for row in self.rows]
        return TextColumn(self.file, name, cells, self.lines, missing)


def read_delimited(path: Path, name: str, delimiter: str | None) -> TextTable:
    """Read a file of UTF-8 text, unpacked where its name ends in .gz, with a header line.

    Args:
        path: the file.
        name: what messages call it.
        delimiter: the character between two fields, quotes are as in RFC 4180; None is a tab in
            files called .tsv or .tab, a comma in others.

    Raises:
        DataError: the file is missing or broken; the message names the line.
    """
    text = read_text(path, name)
    if delimiter is None:
        delimiter = "\t" if name.lower().endswith(_TABS) else ","
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
                    raise DataError(
                        f"{name}:{line}: {_count(len(row), 'field')}, the header has {len(header)}"
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
    return TextTable(name, header, rows, lines)


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


def _header(row: Sequence[str], place: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in row)
    for number, name in enumerate(names, start=1):
        if not name:
            raise DataError(f"{place}: column {number} has no name in the header; give it one")
        if name in names[: number - 1]:
            raise DataError(f"{place}: two columns are called '{name}'; rename one")
    return names


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
