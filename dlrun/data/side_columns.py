"""Columns that are not inputs, such as the group, time or split of each sample."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.numerals import parse_number
from dlrun.data.tables.dates import ADVICE, instant
from dlrun.data.tables.read_table import ReadTable, Texts
from dlrun.errors import DataError

_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")


class MissingColumnError(DataError):
    """The source does not have a column that the spec names."""


@dataclass(frozen=True, slots=True)
class SideColumn:
    """A column with one text per sample.

    Attributes:
        name: of the column.
        values: the text of each sample; "" if it is missing.
        error: returns the error for a sample, from its index and a message, with its place.
    """

    name: str
    values: Sequence[str]
    error: Callable[[int, str], DataError]

    @classmethod
    def of(cls, column: Texts) -> SideColumn:
        """The side column for a column of a table."""
        texts = ["" if cell in column.missing else cell for cell in column.cells]
        return cls(column.name, texts, column.error)

    @classmethod
    def of_table(cls, table: ReadTable, names: Sequence[str]) -> dict[str, SideColumn]:
        """Columns of a table, by name.

        Raises:
            MissingColumnError: the table does not have one of them.
        """
        for name in names:
            if lack := table.lacks(name):
                raise MissingColumnError(lack)
        return {name: cls.of(table.column(name, frozenset(("",)))) for name in names}

    def take(self, rows: Sequence[int]) -> SideColumn:
        """The column for some of the samples."""
        values = [self.values[row] for row in rows]
        return SideColumn(self.name, values, lambda row, what: self.error(rows[row], what))

    def need_all(self) -> None:
        """Check that every sample has a text.

        Raises:
            DataError: a text is missing.
        """
        if "" in self.values:
            row = list(self.values).index("")
            raise self.error(row, "the cell is empty; fill it in or remove the row")

    def groups(self) -> tuple[tuple[str, ...], Array]:
        """The distinct texts, sorted, and the index of each sample's text, (n,) int64.

        Raises:
            DataError: a text is missing.
        """
        self.need_all()
        names, indices = np.unique(np.array(self.values, dtype=object), return_inverse=True)
        return tuple(names.tolist()), indices.reshape(-1).astype(np.int64)

    def instants(self) -> Array:
        """Times that can be compared, (n,): numbers, or dates and times in ISO 8601.

        A time without a time zone is assumed to be in UTC.  Integers that fit in int64 keep all of
        their digits.

        Raises:
            DataError: a text is neither, or the column mixes numbers and dates.
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
            raise self.error(
                row, f"{self.values[row]!r} is not a number, unlike the cells before it"
            )
        return value

    def _as_date(self, row: int) -> int:
        moment = instant(self.values[row])
        if moment is None:
            raise self.error(row, f"{self.values[row]!r} is not a time; {ADVICE}, or numbers")
        return moment


def cells_of(table: ReadTable, name: str | None) -> Sequence[str] | None:
    """The text of a column for each row of a table, "" where it is missing; None without a name.

    Raises:
        MissingColumnError: the table does not have it.
    """
    return None if name is None else SideColumn.of_table(table, (name,))[name].values
