"""Arrays that stay in their file, and their position in it."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from dlrun.arrays import Array, Shape
from dlrun.data.files.memory import need_room
from dlrun.errors import DataError
from dlrun.printable import reason_of

_LARGE = 1 << 28
"""Arrays of more bytes than this as float32 are not read as a whole."""
_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


@dataclass(frozen=True, slots=True)
class StoredArray:
    """The position of an array's values in a file.

    Attributes:
        path: of the file.
        file: the file's name in messages.
        name: the array's name in messages.
        offset: bytes before the first value.
        shape: of the array.
        fortran: whether the first axis changes fastest, instead of the last.
        dtype: as stored, in any byte order.
    """

    path: Path
    file: str
    name: str
    offset: int
    shape: Shape
    fortran: bool
    dtype: np.dtype[np.generic]

    @property
    def nbytes(self) -> int:
        """Bytes of all values."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def large(self) -> bool:
        """Whether it is too large to be read as a whole."""
        return 4 * math.prod(self.shape) > _LARGE

    def in_memory(self) -> Array:
        """A copy of the whole array.

        Raises:
            DataError: the file cannot be read, no longer holds the array, or is too large.
        """
        need_room(self.nbytes, self.file)
        try:
            flat = np.fromfile(
                self.path, self.dtype, count=math.prod(self.shape), offset=self.offset
            )
            return flat.reshape(self.shape, order="F" if self.fortran else "C")
        except (OSError, ValueError, MemoryError) as error:
            raise DataError(
                f"{self.file}: '{self.name}' cannot be read ({reason_of(error)})"
            ) from error


def find_array(file: IO[bytes], path: Path, shown: str, name: str, end: int) -> StoredArray:
    """Read the header of an array in NumPy's format (.npy) and check what it declares.

    Args:
        file: at the array's first byte.
        path: of the file.
        shown: the file's name in messages.
        name: the array's name in messages.
        end: offset of the first byte after the array.

    Raises:
        ValueError: the header is broken, the array does not end at ``end``, or it holds Python
            objects, which could run code from the file when they are loaded.
    """
    version = npy.read_magic(file)
    if version not in _HEADERS:
        raise ValueError(f"version {version} of NumPy's format is not supported")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # headers written by Python 2 are accepted
            shape, fortran, dtype = _HEADERS[version](file)
    except Exception as error:  # a header is parsed as Python, which raises many errors
        raise ValueError(f"its header is broken: {type(error).__name__}") from error
    if dtype.hasobject:
        raise ValueError(
            "it holds Python objects; convert them with array.astype(str), or astype(float), and "
            "save them again"
        )
    stored = StoredArray(path, shown, name, file.tell(), shape, fortran, dtype)
    if min(shape, default=0) < 0 or stored.offset + stored.nbytes != end:
        raise ValueError(
            f"its header declares {shape} of {dtype}, {stored.nbytes} bytes, and "
            f"the file has {end - stored.offset}"
        )
    return stored
