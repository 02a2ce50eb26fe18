"""Whether values stay distinguishable when they become float32."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Column
from dlrun.data.files.array_file import StoredArray
from dlrun.data.moments import moments
from dlrun.data.samples import Samples, chunks

_LOOKED_AT = 1 << 22
"""Values that are checked; a column that loses digits does so from its start."""
_SHARE = 1e-4
"""Average rounding error that is tolerated, as a fraction of the standard deviation: beyond it,
differences between values keep fewer than four digits."""
_LISTED = 5
"""The maximum number of columns that a note lists."""


def lost_digits(inputs: Samples, columns: Sequence[Column] | None) -> tuple[str, ...]:
    """One line if inputs lose significant digits as float32, else nothing.

    Args:
        inputs: (n, ..., channels) after preprocessing, before they become float32.
        columns: of a table; None for inputs that are not a table.
    """
    lost = short_of_digits(inputs)
    if not lost.any():
        return ()
    advice = "add standardize to data.preprocess, or subtract a constant"
    if columns is None:
        return (f"values lose digits as 32-bit floats; {advice}",)
    names = [column.name for column, each in zip(columns, lost.tolist(), strict=True) if each]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    noun = "column" if len(names) == 1 else "columns"
    verb = "loses" if len(names) == 1 else "lose"
    return (
        f"{noun} {', '.join(names[:_LISTED])}{more} {verb} digits as 32-bit floats: different "
        f"values become equal or nearly equal; {advice}",
    )


def short_of_digits(inputs: Samples) -> Array:
    """Which channels lose significant digits as float32, (channels,) bool.

    Args:
        inputs: (n, ..., channels).
    """
    if inputs.dtype != np.float64:
        return np.zeros(inputs.shape[-1], bool)
    return _lost(inputs[: max(1, _LOOKED_AT // max(1, int(np.prod(inputs.shape[1:]))))])


def beyond_float64(array: Array | StoredArray, file: str, name: str) -> tuple[str, ...]:
    """One line if an array has integers that float64 cannot hold exactly, else nothing.

    A large array that stays in its file is not checked, because reading all of it takes long.
    """
    if isinstance(array, StoredArray) or array.dtype.kind not in "iu" or array.dtype.itemsize < 8:
        return ()
    with np.errstate(invalid="ignore"):  # 2^63 - 1 becomes 2^63, which int64 does not hold
        lost = array.astype(np.float64).astype(array.dtype) != array
    if not lost.any():
        return ()
    return (
        f"{file}: row {np.argwhere(lost)[0, 0]} of '{name}': {array[lost][0]} loses digits, "
        "because 64-bit floats hold integers up to 2^53; subtract a constant",
    )


def _lost(inputs: Samples) -> Array:
    """Which channels lose digits, (channels,) bool."""
    found = moments(inputs)
    error, count = np.zeros(inputs.shape[-1]), np.zeros(inputs.shape[-1])
    whole = np.ones(inputs.shape[-1], bool)
    for chunk in chunks(inputs):
        values = chunk.reshape(-1, inputs.shape[-1])
        present = np.isfinite(values)
        values = np.where(present, values, 0.0)
        with np.errstate(over="ignore"):
            off = np.abs(values - values.astype(np.float32))
        error += np.where(np.isfinite(off), off, 0.0).sum(axis=0)
        count += present.sum(axis=0)
        whole &= (values == np.rint(values)).all(axis=0)
    varies = found.std > 0
    coarse = error > _SHARE * found.std * count
    for channel in np.flatnonzero(whole & varies & (error > 0) & ~coarse).tolist():
        values = np.concatenate([chunk[..., channel].reshape(-1) for chunk in chunks(inputs)])
        coarse[channel] = len(np.unique(values.astype(np.float32))) < len(np.unique(values))
    return coarse & varies
