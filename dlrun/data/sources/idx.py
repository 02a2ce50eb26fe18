"""Files of the MNIST database and of others in its format."""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from dlrun.arrays import Array, Shape
from dlrun.data.array_file import StoredArray
from dlrun.data.array_pair import ArrayPair
from dlrun.data.input_file import opened, unpacked
from dlrun.data.source import source
from dlrun.errors import DataError

_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
"""Types of numbers by their code."""


@source("idx")
class Idx(ArrayPair):
    """Two IDX files, inputs and targets, as MNIST, Fashion-MNIST and EMNIST come in.

    ``idx: mnist/train`` reads ``mnist/train-images-idx3-ubyte`` and
    ``mnist/train-labels-idx1-ubyte``, or the same with .gz; the part for the test is then
    ``test: mnist/t10k``.  The arrays are read as those of ``npz``: uint8 of three axes are images.
    The format is described by LeCun, Cortes & Burges, "The MNIST database".
    """

    path: str = Field(min_length=1)
    """What the names of both files begin with; a relative path starts at the spec's folder."""
    inputs: str = Field(default="-images-idx3-ubyte", min_length=1)
    """How the name of the file of inputs goes on."""
    targets: str = Field(default="-labels-idx1-ubyte", min_length=1)
    """How the name of the file of targets goes on."""

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The two files."""
        return tuple(_found(folder / (self.path + end)) for end in (self.inputs, self.targets))

    def named(self, path: str, folder: Path, names: Sequence[str]) -> Sequence[Array | StoredArray]:
        """The arrays of the files whose names go on like this."""
        return [_read(path + name, folder) for name in names]


def _found(path: Path) -> Path:
    """The file, or the one with .gz behind its name if that is there instead."""
    packed = path.with_name(f"{path.name}.gz")
    return packed if packed.exists() and not path.exists() else path


def _read(name: str, folder: Path) -> Array | StoredArray:
    path = _found(folder / name)
    with opened(path, name) as file:
        try:
            if path.suffix == ".gz":
                return _unpacked(unpacked(file, f"{name}.gz"))
            size = os.fstat(file.fileno()).st_size
            dtype, shape, offset = _header(file.read(4 + 4 * 255), size)
        except ValueError as error:
            raise DataError(f"{name}: no IDX file that can be read: {error}") from error
    stored = StoredArray(path, name, name, offset, shape, fortran=False, dtype=dtype)
    return stored if stored.large else stored.in_memory()


def _unpacked(content: bytes) -> Array:
    dtype, shape, offset = _header(content, len(content))
    return np.frombuffer(content, dtype, offset=offset).reshape(shape)


def _header(start: bytes, size: int) -> tuple[np.dtype[np.generic], Shape, int]:
    """Type, shape and place of the numbers.

    Args:
        start: the file, or more of it than any header takes.
        size: bytes of the file.

    Raises:
        ValueError: it is no IDX file, or does not hold what it declares.
    """
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in _TYPES or start[3] == 0:
        raise ValueError("it does not begin with two zeros, a type and a number of axes")
    offset = 4 + 4 * start[3]
    if len(start) < offset:
        raise ValueError("it ends within its header")
    shape = struct.unpack(f">{start[3]}I", start[4:offset])
    dtype = np.dtype(_TYPES[start[2]])
    if offset + math.prod(shape) * dtype.itemsize != size:
        raise ValueError(
            f"it declares {shape} of {dtype}, {math.prod(shape) * dtype.itemsize} bytes, and "
            f"{size - offset} are there"
        )
    return dtype, shape, offset
