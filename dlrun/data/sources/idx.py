"""IDX files: MNIST and other data sets in its format."""

from __future__ import annotations

import errno
import gzip
import math
import os
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from pydantic import Field

from dlrun.arrays import Array, Shape
from dlrun.data.files.absent import reason
from dlrun.data.files.array_file import StoredArray
from dlrun.data.files.input_file import opened, unpacked
from dlrun.data.files.packed_array import PackedArray, Stream
from dlrun.data.side_columns import MissingColumnError
from dlrun.data.sources.base import source
from dlrun.data.sources.forms.array_pair import ArrayPair
from dlrun.errors import DataError

_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
"""Types of values by their code."""
_LONGEST = 4 + 4 * 255
"""Bytes of the longest header."""


@source("idx")
class Idx(ArrayPair):
    """Two IDX files, inputs and targets, the format of MNIST, Fashion-MNIST and EMNIST.

    ``idx: mnist/train`` reads ``mnist/train-images-idx3-ubyte`` and
    ``mnist/train-labels-idx1-ubyte``, or the same with .gz; the test set is then
    ``test: mnist/t10k``.  The arrays are read as in ``npz``: uint8 with three axes are images.
    The format is described by LeCun, Cortes & Burges, "The MNIST database".
    """

    path: str = Field(min_length=1)
    """Common beginning of both file names; a relative path starts at the spec's folder."""
    inputs: str = Field(default="-images-idx3-ubyte", min_length=1)
    """Suffix of the input file name."""
    targets: str = Field(default="-labels-idx1-ubyte", min_length=1)
    """Suffix of the target file name."""

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The two files."""
        return tuple(_found(folder / (self.path + end)) for end in (self.inputs, self.targets))

    def named(
        self, path: str, folder: Path, names: Sequence[str], stays: bool = False
    ) -> Sequence[Array | StoredArray]:
        """The arrays of the files with these suffixes."""
        return [_read(path + name, folder, stays) for name in names]


def _found(path: Path) -> Path:
    """The file, or the one with .gz appended to its name if only that exists."""
    packed = path.with_name(f"{path.name}.gz")
    return packed if packed.exists() and not path.exists() else path


def _read(name: str, folder: Path, stays: bool) -> Array | StoredArray:
    path = _found(folder / name)
    if not path.exists():
        error = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        raise MissingColumnError(f"{name}: {reason(error, name, path)}")
    with opened(path, name) as file:
        try:
            if path.suffix == ".gz" and stays:
                return _packed(path, f"{name}.gz", file)
            if path.suffix == ".gz":
                return _unpacked(unpacked(file, f"{name}.gz"))
            size = os.fstat(file.fileno()).st_size
            dtype, shape, offset = _header(file.read(_LONGEST), size)
        except ValueError as error:
            raise DataError(f"{name}: not an IDX file that can be read: {error}") from error
    stored = StoredArray(path, name, name, offset, shape, fortran=False, dtype=dtype)
    return stored if stays or stored.large else stored.in_memory()


def _unpacked(content: bytes) -> Array:
    dtype, shape, offset = _header(content, len(content))
    return np.frombuffer(content, dtype, offset=offset).reshape(shape)


def _packed(path: Path, shown: str, file: BinaryIO) -> PackedArray:
    """The array of a compressed file, to be unpacked row by row."""

    def broken(error: Exception) -> DataError:
        return DataError(f"{shown}: broken gzip file: {error}")

    def unpack(opened: BinaryIO) -> Stream:
        return gzip.GzipFile(fileobj=opened)

    try:
        start = unpack(file).read(_LONGEST)
    except (EOFError, OSError, zlib.error) as error:
        raise broken(error) from error
    dtype, shape, offset = _header(start, None)
    array = StoredArray(path, shown, shown, offset, shape, fortran=False, dtype=dtype)
    return PackedArray.of(array, unpack, broken)


def _header(start: bytes, size: int | None) -> tuple[np.dtype[np.generic], Shape, int]:
    """Type and shape of the array, and the offset of its values.

    Args:
        start: at least all bytes of the header.
        size: bytes of the file; None if they are not known yet.

    Raises:
        ValueError: it is not an IDX file, or has another size than it declares.
    """
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in _TYPES or start[3] == 0:
        raise ValueError("it does not begin with two zero bytes, a type and a number of axes")
    offset = 4 + 4 * start[3]
    if len(start) < offset:
        raise ValueError("it ends within its header")
    shape = struct.unpack(f">{start[3]}I", start[4:offset])
    dtype = np.dtype(_TYPES[start[2]])
    if size is not None and offset + math.prod(shape) * dtype.itemsize != size:
        raise ValueError(
            f"it declares {shape} of {dtype}, {math.prod(shape) * dtype.itemsize} bytes, and "
            f"has {size - offset}"
        )
    return dtype, shape, offset
