"""Samples that a Python program gives as an array, instead of a file that a source reads."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from dlrun.arrays import Array
from dlrun.data.labels import shown
from dlrun.data.preprocessor import Columns
from dlrun.errors import DataError

_REMEDIES = {
    "c": "give real and imaginary parts, or absolute values, as numbers of their own",
    "M": "give numbers, such as days",
    "m": "give numbers, such as seconds",
    "U": "give numbers, and codes for categories",
    "S": "give numbers, and codes for categories",
    "V": "give an array (n, ...) of plain numbers",
}


def numbers_of(inputs: Any, columns: Columns) -> Array:
    """An array of bool, integers or floats, whatever sequence or frame of such was given.

    The columns of a frame of pandas or Polars are taken by their names.

    Args:
        inputs: what was given.
        columns: that the inputs of a table must have; None where they are no table, or where its
            columns have no names in the data.

    Raises:
        DataError: it holds what are no real numbers, or gaps that are not NaN.
    """
    if columns is not None and hasattr(inputs, "columns"):
        inputs = _in_order(inputs, [column.name for column in columns])
    if np.ma.isMaskedArray(inputs):
        if np.ma.is_masked(inputs):
            raise DataError(
                "predict takes no array with masked values; put NaN there, which an impute of the "
                "run fills in: numpy.ma.filled(x.astype(float), numpy.nan)"
            )
        inputs = inputs.data
    try:
        array = np.asarray(inputs)
    except (TypeError, ValueError) as fault:
        raise DataError(f"predict takes numbers, all samples of one shape: {fault}") from fault
    if array.dtype.kind == "O":
        array = _plain(array)
    if array.dtype.kind not in "biuf":
        remedy = _REMEDIES.get(array.dtype.kind, "give numbers")
        raise DataError(f"predict takes numbers, got {array.dtype}; {remedy}")
    return array


def _in_order(frame: Any, names: list[str]) -> Any:
    """The columns of a frame in the order of the training data."""
    known = [str(name) for name in frame.columns]
    if absent := [name for name in names if name not in known]:
        raise DataError(
            f"predict: the frame has no column '{absent[0]}' of the training data, which has "
            f"{', '.join(names[:5])}{', ...' if len(names) > 5 else ''}"
        )
    return frame[[frame.columns[known.index(name)] for name in names]]


def _plain(array: Array) -> Array:
    """Numbers of an array of Python objects as float64."""
    flat = array.reshape(-1)
    for place, value in enumerate(flat):
        if not isinstance(value, numbers.Real | np.bool_):
            row = np.unravel_index(place, array.shape)[0] if array.ndim else 0
            what = shown(value) if isinstance(value, str) else type(value).__name__
            raise DataError(
                f"predict takes numbers; sample {row} holds {what}; gaps are NaN, and all samples "
                "must be of one shape"
            )
    return flat.astype(np.float64).reshape(array.shape)
