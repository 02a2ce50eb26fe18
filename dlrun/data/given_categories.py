"""Categories by their names, in rows and frames that a Python program passes."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Column
from dlrun.data.labels import NEW_CATEGORY, category_codes, shown
from dlrun.errors import DataError

_MISSING = frozenset(("NoneType", "NAType"))
"""Types of missing values, those of Python and pandas."""


def coded(inputs: Any, columns: tuple[Column, ...], *, open_: bool) -> Array | None:
    """Rows with categories as names or missing, with codes and NaN instead, (n, columns) objects.

    Args:
        inputs: a frame with these columns in this order, or rows.
        columns: of the training data.
        open_: whether categories that the training data does not have count as missing.

    Returns:
        None if every category is a number, or the shape is another one.

    Raises:
        DataError: a name is not a category of the training data.
    """
    table = _table(inputs, columns)
    if table is None or all(_numeric(table[:, n]) for n in _categorical(columns)):
        return None
    for number in _categorical(columns):
        column, values = columns[number], table[:, number]
        assert column.categories is not None
        names = {value for value in values if isinstance(value, str)}
        codes = category_codes(column.categories, names)
        for row, value in enumerate(values):
            if isinstance(value, str):
                if value not in codes and not open_:
                    what = f"{shown(value)} {NEW_CATEGORY}"
                    raise DataError(f"predict: sample {row}: column '{column.name}': {what}")
                values[row] = codes.get(value, np.nan)
            elif _missing(value):
                values[row] = np.nan
    return table


def _table(inputs: Any, columns: tuple[Column, ...]) -> Array | None:
    """A copy of the cells, (n, columns) objects; None if it has another shape."""
    if hasattr(inputs, "columns"):
        if len(inputs.columns) != len(columns):
            return None
        parts = [np.asarray(inputs[name]).astype(object) for name in inputs.columns]
        return np.stack(parts, axis=1) if all(part.ndim == 1 for part in parts) else None
    if isinstance(inputs, np.ndarray):
        text = inputs.dtype.kind == "U" and len(_categorical(columns)) == len(columns)
        if inputs.dtype != object and not text:
            return None
    elif not isinstance(inputs, list | tuple):
        return None
    try:
        table = np.array(inputs, dtype=object)
    except ValueError:  # rows of different lengths
        return None
    return table if table.ndim == 2 and table.shape[1] == len(columns) else None


def _categorical(columns: tuple[Column, ...]) -> list[int]:
    return [number for number, column in enumerate(columns) if column.categorical]


def _numeric(values: Array) -> bool:
    return not any(isinstance(value, str) or _missing(value) for value in values)


def _missing(value: object) -> bool:
    return type(value).__name__ in _MISSING


def is_number(value: object) -> bool:
    """Whether a cell is a number."""
    return isinstance(value, numbers.Real | np.bool_)
