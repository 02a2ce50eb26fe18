"""Columns that are no inputs: what they say of each sample, as its group, its time or its part."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dates import ADVICE, instant
from dlrun.data.delimited import TextTable
from dlrun.data.numerals import parse_number
from dlrun.errors import DataError

_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")


class MissingColumnError(DataError):
    """The source has no column of a name that the spec gives."""


class Texts(Protocol):
    """A column of a table that has been read."""

    @property
    def name(self) -> str:
        """The column's own."""

    @property
    def cells(self) -> Sequence[str]:
        """The text of each row."""

    @property
    def missing(self) -> frozenset[str]:
        """Texts that stand for a missing value."""

    def fault(self, row: int, what: str) -> DataError:
        """The error that says what is wrong in a row."""


@dataclass(frozen=True, slots=True)
class Marks:
    """A column of texts, one for each sample.

    Attributes:
        name: of the column.
        values: the text of each sample; "" where it is missing.
        fault: the error that says what is wrong with the text of a sample, and where it stands.
    """

    name: str
    values: Sequence[str]
    fault: Callable[[int, str], DataError]

    @classmethod
    def of(cls, column: Texts) -> Marks:
        """Those of a column of a table."""
        texts = ["" if cell in column.missing else cell for cell in column.cells]
        return cls(column.name, texts, column.fault)

    @classmethod
    def of_table(cls, table: TextTable, names: Sequence[str]) -> dict[str, Marks]:
        """Columns of a table, by name.

        Raises:
            MissingColumnError: it has no such column.
        """
        for name in names:
            if lack := table.lacks(name):
                raise MissingColumnError(lack)
        return {name: cls.of(table.column(name, frozenset(("",)))) for name in names}

    def take(self, rows: Sequence[int]) -> Marks:
        """Those of some samples."""
        values = [self.values[row] for row in rows]
        return Marks(self.name, values, lambda row, what: self.fault(rows[row], what))

    def need_all(self) -> None:
        """Check that every sample has a text.

        Raises:
            DataError: one has none.
        """
        if "" in self.values:
            raise self.fault(
                list(self.values).index(""), "it is missing; fill it in or remove the row"
            )

    def groups(self) -> tuple[tuple[str, ...], Array]:
        """The different texts, sorted, and the place of each sample's among them, (n,) int64.

        Raises:
            DataError: a sample has none.
        """
        self.need_all()
        names, places = np.unique(np.array(self.values, dtype=object), return_inverse=True)
        return tuple(names.tolist()), places.reshape(-1).astype(np.int64)

    def instants(self) -> Array:
        """Times that can be compared, (n,): numbers, or dates and times of ISO 8601.

        A time without a zone is taken to be in UTC.  Whole numbers that int64 holds keep all of
        their digits.

        Raises:
            DataError: a text is neither, or numbers and dates stand side by side.
        """
        self.need_all()
        if all(_WHOLE.fullmatch(value) for value in self.values):
            whole = [int(value) for value in self.values]
            if max(map(abs, whole)) < 2**63:
                return np.array(whole, np.int64)
        if parse_number(self.values[0]) is not None:
            return np.array([self._as_number(row) for row in range(len(self.values))])
        return np.array([self._as_date(row) for row in range(len(self.values))], dtype=np.int64)

    def _as_number(self, row: int) -> float:
        value = parse_number(self.values[row])
        if value is None or not np.isfinite(value):
            raise self.fault(row, f"{self.values[row]!r} is no number, as those before it are")
        return value

    def _as_date(self, row: int) -> int:
        found = instant(self.values[row])
        if found is None:
            raise self.fault(row, f"{self.values[row]!r} is no time; {ADVICE}, or numbers")
        return found
