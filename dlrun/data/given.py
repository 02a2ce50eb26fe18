"""Samples that a Python program passes as an array or a frame, instead of a file."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlrun.arrays import Array
from dlrun.data.given_categories import coded, is_number
from dlrun.data.given_dates import DatedFrame, dated_rows
from dlrun.data.labels import shown
from dlrun.data.preprocess.base import Columns
from dlrun.data.tables.date_columns import DateColumns
from dlrun.errors import DataError

_REMEDIES = {
    "c": "pass real and imaginary parts, or absolute values, as separate numbers",
    "M": "pass numbers, such as days",
    "m": "pass numbers, such as seconds",
    "U": "pass rows of numbers and category names, as lists or a frame",
    "S": "pass rows of numbers and category names, as lists or a frame",
    "V": "pass an array (n, ...) of plain numbers",
}


def numbers_of(
    inputs: Any,
    columns: Columns,
    named: bool = True,
    *,
    new_categories: bool = False,
    dates: DateColumns | None = None,
) -> Array:
    """An array of bool, integers or floats from an array, a sequence or a frame.

    The columns of a pandas or Polars frame are selected by their names.  Categories in frames and
    in rows are names or codes.

    Args:
        inputs: the samples.
        columns: of the training data; None if its inputs are not a table.
        named: whether its file names the columns; otherwise a frame whose columns are numbered from
            0 is taken by position, too.
        new_categories: whether categories that the training data does not have count as missing.
        dates: the columns that are derived from dates, which may be passed instead; None for none.

    Raises:
        DataError: a value is not a real number, or is missing and not NaN.
    """
    frame = hasattr(inputs, "columns")
    if columns is not None and frame and (named or not _numbered(inputs.columns, len(columns))):
        inputs = _in_order(inputs, [column.name for column in columns], dates)
    elif columns is not None and dates is not None:
        inputs = dated_rows(inputs, [column.name for column in columns], dates)
    if np.ma.isMaskedArray(inputs):
        if np.ma.is_masked(inputs):
            raise DataError(
                "predict does not accept masked values; replace them by NaN, which the run's "
                "impute fills in: numpy.ma.filled(x.astype(float), numpy.nan)"
            )
        inputs = inputs.data
    if columns is not None and (rows := coded(inputs, columns, open_=new_categories)) is not None:
        if frame:
            _need_numeric_columns(inputs, columns, rows)
        inputs, frame = rows, False
    try:
        array = np.asarray(inputs)
    except (TypeError, ValueError) as error:
        raise DataError(f"predict needs numbers, all samples of one shape: {error}") from error
    if frame and array.dtype.kind not in "biuf":
        _need_numeric_columns(inputs, columns)
    if array.dtype.kind == "O":
        array = _plain(array)
    if array.dtype.kind not in "biuf":
        remedy = _REMEDIES.get(array.dtype.kind, "pass numbers")
        raise DataError(f"predict needs numbers, got {array.dtype}; {remedy}")
    return array


def _numbered(names: Any, count: int) -> bool:
    """Whether the columns of a frame have no names but their positions."""
    return [*names] == [*range(count)]


def _in_order(frame: Any, columns: list[str], dates: DateColumns | None) -> Any:
    """The columns of a frame in the order of the training data."""
    known = [str(name) for name in frame.columns]
    names = columns if dates is None else dates.expected(columns, known)
    if absent := [name for name in names if name not in known]:
        raise DataError(
            f"predict: the frame has no column '{absent[0]}' of the training data, which has "
            f"{', '.join(names[:5])}{', ...' if len(names) > 5 else ''}; rename its columns, or "
            "pass their values if they are in this order: frame.to_numpy()"
        )
    selected = frame[[frame.columns[known.index(name)] for name in names]]
    return selected if dates is None else DatedFrame(selected, columns, dates)


def _need_numeric_columns(frame: Any, columns: Columns, rows: Array | None = None) -> None:
    """Check that a frame holds only numbers.

    Args:
        frame: as it was passed.
        columns: of the training data.
        rows: its cells with codes of categories, if it had their names.

    Raises:
        DataError: a column does not; the message names it and what to pass instead.
    """
    categories = {column.name: column.categories for column in columns or ()}
    for number, name in enumerate(frame.columns):
        values = np.asarray(frame[name] if rows is None else rows[:, number])
        content = str(values.dtype)
        if values.dtype.kind == "O":
            strange = [value for value in values.reshape(-1) if not is_number(value)]
            if not strange:
                continue
            content = _described(strange[0])
        elif values.dtype.kind in "biuf":
            continue
        remedy = "pass numbers; missing values are NaN"
        if values.dtype.kind in "Mm":
            remedy = _REMEDIES[values.dtype.kind]
        elif (known := categories.get(str(name))) is not None:
            listed = f"{', '.join(known[:5])}{', ...' if len(known) > 5 else ''}"
            remedy = (
                f"pass category codes, 0 to {len(known) - 1} for {listed}; missing ones are NaN"
            )
        raise DataError(f"predict: column '{name}' of the frame holds {content}; {remedy}")


def _described(value: object) -> str:
    return shown(value) if isinstance(value, str) else type(value).__name__


def _plain(array: Array) -> Array:
    """Numbers of an array of Python objects as float64."""
    flat = array.reshape(-1)
    for position, value in enumerate(flat):
        if not is_number(value):
            row = np.unravel_index(position, array.shape)[0] if array.ndim else 0
            raise DataError(
                f"predict needs numbers; sample {row} holds {_described(value)}; missing values "
                "are NaN, and all samples must have the same shape"
            )
    return flat.astype(np.float64).reshape(array.shape)
