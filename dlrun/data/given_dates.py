"""Dates in rows and frames that a Python program passes, as the numbers that a file's become."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import numpy as np

from dlrun.arrays import Array
from dlrun.data.labels import shown
from dlrun.data.tables.date_columns import DateColumns
from dlrun.data.tables.dates import ADVICE, PARTS, instant
from dlrun.errors import DataError

_MISSING = frozenset(("NoneType", "NAType", "NaTType"))
"""Types of missing values, those of Python and pandas."""


class DatedFrame:
    """The columns of a frame by name, with the derived ones instead of those of dates.

    It has what ``numbers_of`` uses of a frame.

    Args:
        frame: with the columns that ``DateColumns.expected`` lists.
        columns: names of the input columns.
        dates: those that are derived.
    """

    def __init__(self, frame: Any, columns: Sequence[str], dates: DateColumns) -> None:
        known = {str(name): name for name in frame.columns}
        self.columns = list(columns)
        self._cells = {
            name: np.asarray(frame[known[name]])
            if name in known
            else _derived(dates, name, np.asarray(frame[known[dates.place(name)[0]]]))
            for name in columns
        }

    def __getitem__(self, name: str) -> Array:
        return self._cells[name]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.stack([self._cells[name] for name in self.columns], axis=1).astype(dtype)


def dated_rows(inputs: Any, columns: Sequence[str], dates: DateColumns) -> Any:
    """Rows of the columns of the file, (n, columns of the file), with derived columns instead.

    Args:
        inputs: rows, or anything else, which is returned as it is.
        columns: names of the input columns.
        dates: those that are derived.

    Returns:
        (n, columns) objects.

    Raises:
        DataError: a cell is not a date.
    """
    if isinstance(inputs, np.ndarray) and inputs.dtype.kind not in "OUM":
        return inputs
    if not isinstance(inputs, np.ndarray | list | tuple):
        return inputs
    names = dates.in_file(columns)
    try:
        table = np.array(inputs, dtype=object)
    except ValueError:  # rows of different lengths
        return inputs
    if table.ndim != 2 or table.shape[1] != len(names):
        return inputs
    cells = dict(zip(names, table.T, strict=True))
    return np.stack(
        [
            _derived(dates, name, cells[dates.place(name)[0]]).astype(object)
            if dates.place(name)[1]
            else cells[name]
            for name in columns
        ],
        axis=1,
    )


def _derived(dates: DateColumns, name: str, cells: Array) -> Array:
    """A derived column from the cells of its dates, (n,) float64, NaN where missing.

    Raises:
        DataError: a cell is not a date.
    """
    of, part = dates.place(name)
    assert part is not None
    found = [_instant(dates, of, row, cell) for row, cell in enumerate(cells)]
    instants = np.array([each or 0 for each in found], np.int64)
    present = np.array([each is not None for each in found], bool)
    return np.where(present, PARTS[part](instants), np.nan)


def _instant(dates: DateColumns, name: str, row: int, cell: object) -> int | None:
    """Microseconds from 1970; None if it is missing."""
    if type(cell).__name__ in _MISSING or (isinstance(cell, float) and np.isnan(cell)):
        return None
    if isinstance(cell, np.datetime64):
        ticks = cell.astype("datetime64[us]")
        return None if np.isnat(ticks) else int(ticks.astype(np.int64))
    if isinstance(cell, datetime.date):
        cell = cell.isoformat()
    if isinstance(cell, str):
        if (text := cell.strip()) in dates.absent:
            return None
        if (moment := instant(text)) is not None:
            return moment
    what = shown(cell) if isinstance(cell, str) else f"a value of type {type(cell).__name__}"
    raise DataError(
        f"predict: sample {row}: column '{name}': {what} is not a date; {ADVICE}, or pass "
        "datetime values"
    )
