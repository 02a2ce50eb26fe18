"""A column of text: its values as numbers, dates, categories or classes, and suspicions."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.labels import NEW_CATEGORY, category_codes, class_codes, composed, shown
from dlrun.data.numerals import LARGEST, PLAIN, Numerals, parse_number
from dlrun.data.tables.dates import ADVICE, instant, like_dates
from dlrun.errors import DataError

USUAL_MISSING = frozenset(
    (
        *("", "?", "NA", "N/A", "n/a", "<NA>", "#NA", "#N/A", "#N/A N/A"),
        *("NaN", "nan", "-NaN", "-nan", "NULL", "null", "None"),
        *("1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
    )
)
"""Texts that usually mean a missing value: those that pandas recognizes, and ``?``."""

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
"""Notations of numbers by their keys in a spec: those with one key, then those with two."""
_NEARLY = 0.5
"""Minimum fraction of numbers for a note on the other values."""


_CORRECT = "correct it or list it under data.source.missing"
_CORRECT_NEEDED = "correct it or remove its row"
_SIGN = re.compile(r"[^\w\s.,;+'\"()\u2010-\u2015\u2212-]+")
"""Signs that are written before or after numbers, such as % and €."""


def _common_sign(cells: Collection[str]) -> str:
    """The sign that makes texts of all numbers, such as %; "" if there is none."""
    signs = {tuple(_SIGN.findall(cell)) for cell in cells}
    if len(signs) != 1 or len(only := signs.pop()) != 1:
        return ""
    plain = (cell.removeprefix(only[0]).removesuffix(only[0]).strip() for cell in cells)
    return only[0] if all(parse_number(cell) is not None for cell in plain) else ""


def _is_other(digits: str, value: float) -> bool:
    """Whether a text of digits is an integer that differs from a value."""
    return digits.isdecimal() and digits.isascii() and len(digits) < 400 and int(digits) != value


@dataclass(frozen=True, slots=True)
class TextColumn:
    """The cells of a column.

    Attributes:
        file: the file's name in messages.
        name: of the column.
        cells: their text, without blanks at either end.
        lines: the line of the file that each cell's row starts at.
        missing: texts that mean a missing value.
        numerals: the notation of numbers.
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
        """Whether every value that is not missing is a number.

        Raises:
            DataError: all values are dates, for which the spec must define a kind of column.
        """
        present = set(self.cells) - self.missing
        if all(self.parse(cell) is not None for cell in present):
            return True
        if like_dates(present):
            row = next(row for row, cell in enumerate(self.cells) if cell not in self.missing)
            iso = all(instant(cell) is not None for cell in present)
            how = "" if iso else f"{ADVICE}, and "
            raise self.error(
                row,
                f"{shown(self.cells[row])} is a date, like all values of the column; {how}set "
                f"data.source.columns.{self.name} to date (to learn from it), categorical or "
                "ignore",
            )
        return False

    def values(self) -> list[str]:
        """The distinct texts that are not missing, in NFC, sorted."""
        return sorted({composed(cell) for cell in set(self.cells) - self.missing})

    def numbers(self, *, needed: bool = False) -> Array:
        """The cells as numbers, (n,) float64, NaN where missing.

        Args:
            needed: whether no value may be missing, as of a target.

        Raises:
            DataError: a cell is not a number, or is beyond float32.
        """
        result, correct = np.empty(len(self.cells)), _CORRECT_NEEDED if needed else _CORRECT
        for row, cell in enumerate(self.cells):
            if cell in self.missing:
                result[row] = np.nan
                continue
            value = self.parse(cell)
            if value is None:
                notation = self._notation()
                remedy = f"all values are numbers with {notation}" if notation else correct
                raise self.error(row, f"{shown(cell)} is not a number; {remedy}")
            if not abs(value) <= LARGEST:
                raise self.error(row, f"{shown(cell)} is not a finite 32-bit float; {correct}")
            result[row] = value
        return result

    def instants(self) -> tuple[Array, Array]:
        """Dates in microseconds since 1970, (n,) int64, and whether a row has one, (n,) bool.

        Raises:
            DataError: a cell is not a date.
        """
        result, present = np.zeros(len(self.cells), np.int64), np.ones(len(self.cells), bool)
        for row, cell in enumerate(self.cells):
            if cell in self.missing:
                present[row] = False
                continue
            moment = instant(cell)
            if moment is None:
                raise self.error(row, f"{shown(cell)} is not a date; {ADVICE}")
            result[row] = moment
        return result, present

    def codes(self, categories: Sequence[str]) -> Array:
        """Each cell's index in ``categories``, (n,) float64, NaN where missing.

        Raises:
            DataError: a cell has another category.
        """
        code = dict.fromkeys(self.missing, np.nan)
        code.update(category_codes(categories, set(self.cells)))
        try:
            return np.array([code[cell] for cell in self.cells])
        except KeyError:
            row = next(row for row, cell in enumerate(self.cells) if cell not in code)
            raise self.error(row, f"{shown(self.cells[row])} {NEW_CATEGORY}") from None

    def class_codes(self, classes: Sequence[str]) -> Array:
        """Each cell's class as an index in those of the training data, (n,) int64.

        Raises:
            DataError: a cell has another class.
        """
        return class_codes(self.cells, classes, self.error, self.parse)

    def need_all(self, what: str, known: Sequence[str] = ()) -> None:
        """Check that no cell is missing.

        Args:
            what: the name of the values in messages.
            known: texts that are values even if they usually mean a missing one.

        Raises:
            DataError: a cell is missing.
        """
        absent = self.missing - set(known)
        for row, cell in enumerate(self.cells):
            if cell in absent:
                reason, exception = "", ""
                if cell:
                    reason = f" ({cell!r} means a missing value)"
                    usual = cell in USUAL_MISSING and absent >= USUAL_MISSING - set(known)
                    exception = "; if that is a value, " + (
                        "set data.source.usual_missing to false"
                        if usual
                        else "remove it from data.source.missing"
                    )
                raise self.error(
                    row, f"the {what} is missing{reason}; fill it in or remove the row{exception}"
                )

    def inexact(self) -> int | None:
        """The first row with an integer that float64 cannot hold; None if there is none."""
        for row, cell in enumerate(self.cells):
            value = self.parse(cell)
            digits = cell.lstrip("+-")
            if value is not None and abs(value) >= 2.0**53 and _is_other(digits, abs(value)):
                return row
        return None

    def oddity(self) -> str:
        """A suspicion about a column that is read as text, and what to do; "" for none."""
        if notation := self._notation():
            return f"all values are numbers with {notation}; add it"
        present = [cell for cell in self.cells if cell not in self.missing]
        kinds = set(present)
        numbers = {cell for cell in kinds if self.parse(cell) is not None}
        if (sign := _common_sign(kinds)) and len(kinds) > 1:
            return f"all values are numbers with the sign {shown(sign)}; remove it from the file"
        count = sum(cell in numbers for cell in present)
        if count < _NEARLY * len(present) or count == len(present) or count < 2:
            return ""
        row = next(r for r, cell in enumerate(self.cells) if cell in kinds - numbers)
        return (
            f"{count} of {len(present)} values are numbers, but line {self.lines[row]} has "
            f"{shown(self.cells[row])}; {_CORRECT}"
        )

    def _notation(self) -> str:
        """The settings with which all values that are not missing are numbers; "" for none."""
        kinds = set(self.cells) - self.missing
        usual = () if self.numerals.decimal == "." else ({"decimal: '.'": PLAIN},)
        for ways in (*usual, *_OTHER_NUMERALS):
            settings = [
                key
                for key, numerals in ways.items()
                if kinds and all(numerals.parse(cell) is not None for cell in kinds)
            ]
            if settings:
                return f"{' or '.join(settings)} in data.source"
        return ""

    def error(self, row: int, what: str) -> DataError:
        """The error for the cell of a row, with its line."""
        return DataError(f"{self.file}:{self.lines[row]}: column '{self.name}': {what}")
