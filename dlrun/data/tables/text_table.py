"""A table of text, as a delimited file holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from dlrun.data.numerals import PLAIN, Numerals
from dlrun.data.tables.named_columns import NamedColumns
from dlrun.data.tables.text_column import TextColumn

_DELIMITERS = (";", "\t", "|", ",")
"""Delimiters that are suggested if the header looks like a single column."""


@dataclass(frozen=True)
class TextTable(NamedColumns):
    """The header and rows of a file, all of the same length; ``lines`` has each row's line."""

    rows: list[list[str]]
    lines: list[int]
    numerals: Numerals = PLAIN

    index: ClassVar[frozenset[str]] = frozenset()
    """Columns of row numbers, which are not data."""

    @property
    def header_place(self) -> str:
        """The first line."""
        return f"{self.file}:1"

    def advice(self, name: str) -> str:
        """A similar name, or another delimiter if the header looks like a single column."""
        if hint := other_delimiter(self.header):
            return f"it has one, '{self.header[0]}'; {hint}"
        return super().advice(name)

    def column(self, name: str, missing: frozenset[str]) -> TextColumn:
        """The column of that name.

        Args:
            name: of the column.
            missing: texts that mean a missing value; a number matches in any notation.
        """
        position, parse = self.positions[name], self.numerals.parse
        cells = [row[position].strip() for row in self.rows]
        if numbers := _numbers(missing, self.numerals):
            missing |= {cell for cell in set(cells) if parse(cell) in numbers}
        return TextColumn(self.file, name, cells, self.lines, missing, self.numerals)


@cache
def _numbers(texts: frozenset[str], numerals: Numerals) -> frozenset[float]:
    """The numbers among some texts; cached, because a table may have a million columns."""
    return frozenset(number for text in texts if (number := numerals.parse(text)) is not None)


def other_delimiter(header: Sequence[str]) -> str:
    """Advice if the header is one field that looks like several; else ""."""
    between = next((sign for sign in _DELIMITERS if sign in header[0]), None)
    if len(header) > 1 or between is None:
        return ""
    shown = "tab" if between == "\t" else f"'{between}' (with quotes)"
    return f"set data.source.delimiter, probably to {shown}"
