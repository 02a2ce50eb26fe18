"""What a table that has been read is: columns by name, whatever file they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from dlrun.arrays import Array
from dlrun.data.marks import Texts


class TableColumn(Texts, Protocol):
    """The same, which can be learned from, as ``TextColumn``."""

    def is_numeric(self) -> bool:
        """Whether it holds numbers."""

    def values(self) -> list[str]:
        """The different texts that are present, sorted."""

    def parse(self, text: str) -> float | None:
        """The number that a text holds, or None."""

    def numbers(self) -> Array:
        """(n,) float64, NaN where missing; DataError where a row holds none."""

    def instants(self) -> tuple[Array, Array]:
        """Dates in microseconds, (n,) int64, and where there are any, (n,) bool."""

    def codes(self, categories: Sequence[str]) -> Array:
        """(n,) float64, NaN where missing; DataError where a row holds no such category."""

    def class_codes(self, classes: Sequence[str]) -> Array:
        """(n,) int64; DataError where a row means no such class."""

    def need_all(self, what: str, known: Sequence[str] = ()) -> None:
        """DataError where a row has no value."""

    def inexact(self) -> int | None:
        """The first row with a whole number that float64 cannot hold."""

    def oddity(self) -> str:
        """What is strange of a column that is taken for text; "" for nothing."""


class ReadTable(Protocol):
    """A table that has been read, as ``TextTable``."""

    @property
    def file(self) -> str:
        """What messages call it."""

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""

    @property
    def index(self) -> frozenset[str]:
        """Columns that are no data but numbers or names of rows."""

    def lacks(self, name: str) -> str | None:
        """What is wrong where there is no such column; None where there is."""

    def column(self, name: str, missing: frozenset[str]) -> TableColumn:
        """The column of that name."""
