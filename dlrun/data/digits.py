"""Whether numbers keep what tells them apart once they are float32."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlrun.arrays import Array
from dlrun.data.array_file import StoredArray
from dlrun.data.dataset import Column
from dlrun.data.preprocess.moments import moments
from dlrun.data.samples import Samples, chunks

_LOOKED_AT = 1 << 22
"""Values that are looked at; a column that is short of digits is so from its start."""
_SHARE = 1e-4
"""Of the standard deviation, which rounding may take on average: fewer than four digits are left
of the differences between values where it takes more."""
_LISTED = 5
"""Columns that a note names."""


def lost_digits(inputs: Samples, columns: Sequence[Column] | None) -> tuple[str, ...]:
    """A line where values lose digits that matter as the network gets them; none where not.

    Args:
        inputs: (n, ..., channels) after preprocessing, before they become float32.
        columns: of a table; None where inputs are none.
    """
    lost = short_of_digits(inputs)
    if not lost.any():
        return ()
    advice = "add standardize to data.preprocess, or subtract what all values share"
    if columns is None:
        return (f"values lose digits as 32-bit numbers; {advice}",)
    names = [column.name for column, each in zip(columns, lost.tolist(), strict=True) if each]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    said = "column" if len(names) == 1 else "columns"
    verb = "loses" if len(names) == 1 else "lose"
    return (
        f"{said} {', '.join(names[:_LISTED])}{more} {verb} digits as 32-bit numbers: values that "
        f"differ become equal, or nearly; {advice}",
    )


def short_of_digits(inputs: Samples) -> Array:
    """Which channels lose digits that matter as float32, (channels,) bool.

    Args:
        inputs: (n, ..., channels).
    """
    if inputs.dtype != np.float64:
        return np.zeros(inputs.shape[-1], bool)
    return _lost(inputs[: max(1, _LOOKED_AT // max(1, int(np.prod(inputs.shape[1:]))))])


def beyond_float64(array: Array | StoredArray, file: str, name: str) -> tuple[str, ...]:
    """A line where an array has whole numbers that float64 cannot tell from their neighbours.

    Of a large array that stays in its file nothing is said: reading all of it takes long.
    """
    if isinstance(array, StoredArray) or array.dtype.kind not in "iu" or array.dtype.itemsize < 8:
        return ()
    with np.errstate(invalid="ignore"):  # 2^63 - 1 becomes 2^63, which int64 does not hold
        lost = array.astype(np.float64).astype(array.dtype) != array
    if not lost.any():
        return ()
    return (
        f"{file}: row {np.argwhere(lost)[0, 0]} of '{name}': {array[lost][0]} loses digits, as "
        "64-bit floats hold whole numbers up to 2^53; subtract what all share",
    )


def _lost(inputs: Samples) -> Array:
    """Which channels lose digits, (channels,) bool."""
    found = moments(inputs)
    error, count = np.zeros(inputs.shape[-1]), np.zeros(inputs.shape[-1])
    whole = np.ones(inputs.shape[-1], bool)
    for chunk in chunks(inputs):
        values = chunk.reshape(-1, inputs.shape[-1])
        there = np.isfinite(values)
        values = np.where(there, values, 0.0)
        with np.errstate(over="ignore"):
            off = np.abs(values - values.astype(np.float32))
        error += np.where(np.isfinite(off), off, 0.0).sum(axis=0)
        count += there.sum(axis=0)
        whole &= (values == np.rint(values)).all(axis=0)
    varies = found.deviation > 0
    coarse = error > _SHARE * found.deviation * count
    for channel in np.flatnonzero(whole & varies & (error > 0) & ~coarse).tolist():
        values = np.concatenate([chunk[..., channel].reshape(-1) for chunk in chunks(inputs)])
        coarse[channel] = len(np.unique(values.astype(np.float32))) < len(np.unique(values))
    return coarse & varies
