"""The interface of tables that have been read: columns by name, whatever the file format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from dlrun.arrays import Array
from dlrun.errors import DataError


class Texts(Protocol):
    """A column of a table as text."""

    @property
    def name(self) -> str:
        """The name of the column."""

    @property
    def cells(self) -> Sequence[str]:
        """The text of each row."""

    @property
    def missing(self) -> frozenset[str]:
        """Texts that mean a missing value."""

    def error(self, row: int, what: str) -> DataError:
        """The error for a row, with its place in the file."""


class TableColumn(Texts, Protocol):
    """A column with values that can be learned from, such as ``TextColumn``."""

    def is_numeric(self) -> bool:
        """Whether it holds numbers."""

    def values(self) -> list[str]:
        """The distinct texts that are not missing, sorted."""

    def parse(self, text: str) -> float | None:
        """The number that a text holds, or None."""

    def numbers(self, *, needed: bool = False) -> Array:
        """(n,) float64, NaN where missing; DataError for a row that is not a number.

        Args:
            needed: whether no value may be missing, as of a target.
        """

    def instants(self) -> tuple[Array, Array]:
        """Dates in microseconds, (n,) int64, and whether a row has one, (n,) bool."""

    def codes(self, categories: Sequence[str]) -> Array:
        """(n,) float64, NaN where missing; DataError for a row with another category."""

    def class_codes(self, classes: Sequence[str]) -> Array:
        """(n,) int64; DataError for a row with another class."""

    def need_all(self, what: str, known: Sequence[str] = ()) -> None:
        """DataError for a row without a value."""

    def inexact(self) -> int | None:
        """The first row with an integer that float64 cannot hold."""

    def oddity(self) -> str:
        """A suspicion about a column that was read as text; "" for none."""


class ReadTable(Protocol):
    """A table that has been read, such as ``TextTable``."""

    @property
    def file(self) -> str:
        """Its name in messages."""

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""

    @property
    def header_place(self) -> str:
        """File, and line if there is one, of the column names."""

    @property
    def index(self) -> frozenset[str]:
        """Columns of row numbers or row names, which are not data."""

    def lacks(self, name: str) -> str | None:
        """The error message if the table has no such column, else None."""

    def advice(self, name: str) -> str:
        """What to write instead of a name that is not a column."""

    def column(self, name: str, missing: frozenset[str]) -> TableColumn:
        """The column of that name."""
