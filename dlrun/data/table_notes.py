"""What the user should know of a table's columns, a line each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Column, Task
from dlrun.data.labels import class_names
from dlrun.data.read_table import ReadTable, TableColumn

UNNAMED_INDEX = re.compile(r"__index_level_[0-9]+__")
"""What pandas calls the column of an index without a name."""

_HARDLY_TWICE = 20
"""Different texts of a column from which on it is looked at whether they occur again."""
_MANY = 1000
"""Categories that are many."""
_EXACT = 2.0**53
"""From here on float64 does not hold every whole number."""
_LONG = 10
"""Rows from which on it is no chance that a column counts them."""


def notes_on_index(table: ReadTable, known: Collection[str]) -> list[str]:
    """A line for each index with a name, which may well be data, that is no input.

    Args:
        table: as read.
        known: columns of which somebody has said what they are.
    """
    return [
        f"{table.file}: column '{name}' was the index of a table of pandas, so it is no input; in "
        f"data.source.columns say {name}: ignore, or numeric or categorical to learn from it"
        for name in table.header
        if name in table.index and name not in known and not UNNAMED_INDEX.fullmatch(name)
    ]


def notes_on_column(
    file: str, read: TableColumn, column: Column, values: Array, *, alone: bool
) -> Iterator[str]:
    """What is strange of a column of inputs of which nobody has said what it is.

    Args:
        file: what messages call the table.
        read: the column as it was read.
        column: what it was taken for.
        values: (n,) of it.
        alone: whether it is the only one.
    """
    say = f"in data.source.columns say {read.name}: "
    if column.categories is None:
        yield from lossy(read, values)
        if not alone and len(values) >= _LONG and bool((np.diff(values) == 1).all()):
            yield (
                f"{file}: column '{read.name}' counts the rows, so it says where a sample is in "
                f"the file; {say}ignore, or numeric if that is to be learned"
            )
        return
    different = len(column.categories)
    if odd := read.oddity():
        yield (
            f"{file}: column '{read.name}' is taken for text, of {different} categories: {odd}; "
            f"or {say}categorical"
        )
        return
    present = int(np.count_nonzero(~np.isnan(values)))
    if different > _MANY or (different >= _HARDLY_TWICE and different > present / 2):
        yield (
            f"{file}: column '{read.name}' has {different} different texts in {present} rows, each "
            f"a category of its own, and most networks learn nothing from so many; {say}ignore, or "
            "categorical"
        )


def notes_on_target(file: str, target: TableColumn, task: Task, *, guessed: bool) -> Iterator[str]:
    """What is strange of a target that was taken for classes."""
    if task != "classification" or not guessed or target.is_numeric():  # of few whole numbers
        return
    if odd := target.oddity():
        count = len(class_names(target.values(), target.parse))
        yield (
            f"{file}: target '{target.name}' is taken for {count} classes: {odd}; or set "
            "data.source.task to classification"
        )


def lossy(read: TableColumn, values: Array) -> Iterator[str]:
    """A line where a column holds whole numbers that float64 cannot tell apart."""
    if not bool((np.abs(values) >= _EXACT).any()):  # which NaN is not
        return
    if (row := read.inexact()) is not None:
        fault = read.fault(row, f"{read.cells[row]} loses digits, as 64-bit floats hold whole")
        yield f"{fault} numbers up to 2^53; subtract what all share, or say ignore"
