"""A column of text: what its cells say, and what is strange of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dates import ADVICE, instant, like_dates
from dlrun.data.labels import category_codes, class_codes, composed, shown
from dlrun.data.numerals import LARGEST, PLAIN, Numerals
from dlrun.errors import DataError

USUAL_MISSING = frozenset(
    (
        *("", "?", "NA", "N/A", "n/a", "<NA>", "#NA", "#N/A", "#N/A N/A"),
        *("NaN", "nan", "-NaN", "-nan", "NULL", "null", "None"),
        *("1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
    )
)
"""Texts that usually stand for a missing value: those that pandas takes for it, and ``?``."""

_OTHER_NUMERALS = (
    {
        "decimal: ','": Numerals(","),
        "thousands: ','": Numerals(thousands=","),
        'thousands: "\'"': Numerals(thousands="'"),
        "thousands: ' '": Numerals(thousands=" "),
    },
    {
        "decimal: ',' and thousands: '.'": Numerals(",", "."),
        "decimal: ',' and thousands: ' '": Numerals(",", " "),
    },
)
"""Ways to write numbers, and what a spec says for them: those of one key, then those of two."""
_NEARLY = 0.5
"""Part of the values that must be numbers for the others to be strange."""


def _is_other(digits: str, value: float) -> bool:
    """Whether a text of digits alone is another whole number than a value."""
    return digits.isdecimal() and digits.isascii() and len(digits) < 400 and int(digits) != value


@dataclass(frozen=True, slots=True)
class TextColumn:
    """The cells of a column.

    Attributes:
        file: the file's name, for messages.
        name: the column's.
        cells: their text, without blanks at either end.
        lines: the line of the file that each cell's row starts at.
        missing: texts that stand for a missing value.
        numerals: how numbers are written.
    """

    file: str
    name: str
    cells: Sequence[str]
    lines: Sequence[int]
    missing: frozenset[str]
    numerals: Numerals = PLAIN

    def parse(self, text: str) -> float | None:
        """The number that a cell holds, or None."""
        return self.numerals.parse(text)

    def is_numeric(self) -> bool:
        """Whether every value that is present reads as a number.

        Raises:
            DataError: all are dates, of which nobody has said what to make of them.
        """
        present = set(self.cells) - self.missing
        if all(self.parse(cell) is not None for cell in present):
            return True
        if like_dates(present):
            row = next(row for row, cell in enumerate(self.cells) if cell not in self.missing)
            iso = all(instant(cell) is not None for cell in present)
            how = "" if iso else f"{ADVICE}, and "
            raise self.fault(
                row,
                f"{shown(self.cells[row])} is a date, as all values of it are; {how}say date for "
                "numbers of it, ignore or categorical in data.source.columns",
            )
        return False

    def values(self) -> list[str]:
        """The different texts that are present, in NFC, sorted."""
        return sorted({composed(cell) for cell in set(self.cells) - self.missing})

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
            value = self.parse(cell)
            if value is None:
                raise self.fault(
                    row,
                    f"{shown(cell)} is not a number; correct it or list it under "
                    "data.source.missing",
                )
            if not abs(value) <= LARGEST:
                raise self.fault(
                    row,
                    f"{shown(cell)} is no finite 32-bit number; correct it or list it under "
                    "data.source.missing",
                )
            result[row] = value
        return result

    def instants(self) -> tuple[Array, Array]:
        """Dates of microseconds from 1970, (n,) int64, and where there is one, (n,) bool.

        Raises:
            DataError: a cell holds no date.
        """
        result, present = np.zeros(len(self.cells), np.int64), np.ones(len(self.cells), bool)
        for row, cell in enumerate(self.cells):
            if cell in self.missing:
                present[row] = False
                continue
            found = instant(cell)
            if found is None:
                raise self.fault(row, f"{shown(cell)} is no date; {ADVICE}")
            result[row] = found
        return result, present

    def codes(self, categories: Sequence[str]) -> Array:
        """Each cell's place among ``categories``, (n,) float64, NaN where missing.

        Raises:
            DataError: a cell holds none of them.
        """
        code = dict.fromkeys(self.missing, np.nan)
        code.update(category_codes(categories, set(self.cells)))
        try:
            return np.array([code[cell] for cell in self.cells])
        except KeyError:
            row = next(row for row, cell in enumerate(self.cells) if cell not in code)
            raise self.fault(
                row, f"{shown(self.cells[row])} is no category of the training data"
            ) from None

    def class_codes(self, classes: Sequence[str]) -> Array:
        """Each cell's class, as a place among those of the training data, (n,) int64.

        Raises:
            DataError: a cell means none of them.
        """
        return class_codes(self.cells, classes, self.fault, self.parse)

    def need_all(self, what: str, known: Sequence[str] = ()) -> None:
        """Check that no cell is missing.

        Args:
            what: messages call what the cells hold.
            known: texts that are values whatever stands for a missing one.

        Raises:
            DataError: one is.
        """
        absent = self.missing - set(known)
        for row, cell in enumerate(self.cells):
            if cell in absent:
                stands, else_ = "", ""
                if cell:
                    stands = f", as {cell!r} says"
                    else_ = "; where that is a value, set data.source.usual_missing to false"
                raise self.fault(
                    row, f"the {what} is missing{stands}; fill it in or remove the row{else_}"
                )

    def inexact(self) -> int | None:
        """The first row with a whole number that float64 cannot hold; None where none has one."""
        for row, cell in enumerate(self.cells):
            value = self.parse(cell)
            digits = cell.lstrip("+-")
            if value is not None and abs(value) >= 2.0**53 and _is_other(digits, abs(value)):
                return row
        return None

    def oddity(self) -> str:
        """What is strange of a column that is taken for text, with its line; "" for nothing."""
        present = [cell for cell in self.cells if cell not in self.missing]
        kinds = set(present)
        numbers = {cell for cell in kinds if self.parse(cell) is not None}
        for ways in _OTHER_NUMERALS:
            found = [
                key
                for key, numerals in ways.items()
                if kinds and all(numerals.parse(cell) is not None for cell in kinds)
            ]
            if found:
                return f"all values are numbers with {' or '.join(found)} in data.source"
        count = sum(cell in numbers for cell in present)
        if count < _NEARLY * len(present) or count == len(present) or count < 2:
            return ""
        row = next(r for r, cell in enumerate(self.cells) if cell in kinds - numbers)
        return (
            f"{count} of {len(present)} values are numbers, line {self.lines[row]} is "
            f"{shown(self.cells[row])}"
        )

    def fault(self, row: int, what: str) -> DataError:
        """The error that says what is wrong with the cell of a row."""
        return DataError(f"{self.file}:{self.lines[row]}: column '{self.name}': {what}")
