"""The task that a target column of a table suggests."""

from __future__ import annotations

from dlrun.data.dataset import Task
from dlrun.data.labels import whole_number
from dlrun.data.tables.read_table import TableColumn

_MOST_CLASSES = 20
"""Integers are classes if there are at most this many."""


def inferred_task(target: TableColumn, names: tuple[str, ...]) -> Task:
    """Classification for text and a few integers, else regression.

    Args:
        target: the column.
        names: of the classes that it would have.
    """
    if any(target.parse(name) is None for name in names):
        return "classification"
    whole = all(whole_number(name, target.parse) is not None for name in names)
    return "classification" if whole and len(names) <= _MOST_CLASSES else "regression"
