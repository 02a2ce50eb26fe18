"""Arrays as a file holds them, turned into the numbers that training reads."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.data.files.array_file import StoredArray
from dlrun.data.files.packed_array import PackedArray, PackedRows
from dlrun.data.files.stored_rows import StoredRows
from dlrun.data.samples import Samples, finite_as_float32, working_type
from dlrun.errors import DataError


def floats(
    path: str, name: str, raw: Array | StoredArray, sample: Shape, scale: float | None = None
) -> Samples:
    """Rows of ``working_type``, (n, *sample), all finite as float32.

    Args:
        path: the file's name in messages.
        name: the array's name in messages.
        raw: (n, ...); a ``StoredArray`` stays in its file.
        sample: shape of a sample, with as many values as a row of ``raw``.
        scale: divisor of every value; None leaves them unchanged.

    Raises:
        DataError: the array holds something other than numbers, or values that are NaN or
            infinite as float32.
    """
    if raw.dtype.kind not in "biuf":
        raise DataError(f"{path}: '{name}' holds {raw.dtype}; it must hold numbers")
    if isinstance(raw, PackedArray):
        return PackedRows(raw, sample, scale)
    if isinstance(raw, StoredArray):
        return StoredRows(raw, sample, scale)
    values = np.array(raw, dtype=working_type(raw.dtype), order="C")
    bad = values.size - int(np.count_nonzero(finite_as_float32(values)))
    if bad:
        raise DataError(
            f"{path}: {bad} of {values.size} values of '{name}' are NaN or infinite as 32-bit "
            "floats; replace them or leave their rows out"
        )
    if scale is not None:
        values /= np.float32(scale)
    return values.reshape(len(values), *sample)
