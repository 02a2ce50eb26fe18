"""Notes for the user on the columns of a table, one line each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Column, Task
from dlrun.data.labels import class_names
from dlrun.data.tables.read_table import ReadTable, TableColumn

UNNAMED_INDEX = re.compile(r"__index_level_[0-9]+__")
"""The name that pandas gives to an index column without a name."""

_HARDLY_TWICE = 20
"""Columns with this many distinct texts are checked for values that hardly repeat."""
_MANY = 1000
"""A column with more categories gets a note."""
_EXACT = 2.0**53
"""From here on, float64 cannot hold every integer."""
_LONG = 10
"""Minimum number of rows for a note on a column that counts them."""


def notes_on_index(table: ReadTable, known: Collection[str | None]) -> list[str]:
    """One line for each named index, which may contain data but is not an input.

    Args:
        table: as read.
        known: columns whose kind the spec defines.
    """
    return [
        f"{table.file}: column '{name}' was the index of a pandas table, so it is not an input; "
        f"set data.source.columns.{name} to ignore, or to numeric or categorical to learn from it"
        for name in table.header
        if name in table.index and name not in known and not UNNAMED_INDEX.fullmatch(name)
    ]


def notes_on_column(
    file: str, read: TableColumn, column: Column, values: Array, *, alone: bool
) -> Iterator[str]:
    """Suspicions about an input column whose kind was guessed.

    Args:
        file: the table's name in messages.
        read: the column as it was read.
        column: its guessed kind.
        values: (n,) its values.
        alone: whether it is the only input column.
    """
    setting = f"set data.source.columns.{read.name} to"
    if column.categories is None:
        yield from lossy(read, values)
        if not alone and len(values) >= _LONG and bool((np.diff(values) == 1).all()):
            yield (
                f"{file}: column '{read.name}' counts the rows, so it only contains positions in "
                f"the file; {setting} ignore, or to numeric to learn from it"
            )
        return
    different = len(column.categories)
    if odd := read.oddity():
        yield (
            f"{file}: column '{read.name}' is read as text with {different} categories: {odd}, "
            f"or {setting} categorical"
        )
        return
    present = int(np.count_nonzero(~np.isnan(values)))
    if different > _MANY or (different >= _HARDLY_TWICE and different > present / 2):
        yield (
            f"{file}: column '{read.name}' has {different} categories in {present} rows, too many "
            f"for most networks to learn from; {setting} ignore, or to categorical"
        )


def notes_on_target(file: str, target: TableColumn, task: Task, *, guessed: bool) -> Iterator[str]:
    """Suspicions about a target that was read as classes."""
    if task != "classification" or not guessed or target.is_numeric():  # a few integers
        return
    if odd := target.oddity():
        count = len(class_names(target.values(), target.parse))
        yield (
            f"{file}: target '{target.name}' is read as {count} classes: {odd}, or set "
            "data.source.task to classification"
        )


def lossy(read: TableColumn, values: Array) -> Iterator[str]:
    """One line if a column has integers that float64 cannot hold exactly."""
    if not bool((np.abs(values) >= _EXACT).any()):  # False for NaN
        return
    if (row := read.inexact()) is not None:
        error = read.error(row, f"{read.cells[row]} loses digits, because 64-bit")
        yield f"{error} floats hold integers up to 2^53; subtract a constant, or ignore the column"
