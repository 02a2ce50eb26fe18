"""Arrays that stay in their file: where one lies there, and its rows as they are needed."""

from __future__ import annotations

import math
import mmap
import os
import warnings
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from dlrun.arrays import Array, Shape
from dlrun.data.input_file import memory, need_room, open_file
from dlrun.data.samples import Lazy, finite_as_float32, working_type
from dlrun.errors import DataError

_LARGE = 1 << 28
"""Bytes that an array takes as float32 from which on it is not read as a whole."""
_KEPT = 0.5
"""Part of the machine's memory that a file may have to be kept there by the system."""
_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


@dataclass(frozen=True, slots=True)
class StoredArray:
    """Where the numbers of an array lie in a file.

    Attributes:
        path: of the file.
        file: what messages call it, and ``name`` the array.
        offset: bytes before the first number.
        shape: of the array.
        fortran: the first axis changes fastest, not the last.
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
        """Bytes of the numbers."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def large(self) -> bool:
        """Whether it had better stay where it is."""
        return 4 * math.prod(self.shape) > _LARGE

    def in_memory(self) -> Array:
        """A copy of all of it.

        Raises:
            DataError: the file cannot be read, no longer holds it, or holds too much.
        """
        need_room(self.nbytes, self.file)
        try:
            flat = np.fromfile(
                self.path, self.dtype, count=math.prod(self.shape), offset=self.offset
            )
            return flat.reshape(self.shape, order="F" if self.fortran else "C")
        except (OSError, ValueError, MemoryError) as error:
            raise DataError(f"{self.file}: '{self.name}' cannot be read ({error})") from error


def find_array(file: IO[bytes], path: Path, shown: str, name: str, end: int) -> StoredArray:
    """Read the header of an array in NumPy's format (.npy) and check what it declares.

    Args:
        file: at the array's first byte.
        path: of the file.
        shown: what messages call the file.
        name: what messages call the array.
        end: the byte behind the array's last.

    Raises:
        ValueError: there is no such header, its array does not end at ``end``, or it holds Python
            objects, whose reading runs code that the file brings along.
    """
    version = npy.read_magic(file)
    if version not in _HEADERS:
        raise ValueError(f"version {version} of NumPy's format holds no plain numbers")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # headers of Python 2 are read all the same
            shape, fortran, dtype = _HEADERS[version](file)
    except Exception as error:  # a header is parsed as Python, with all the faults that has
        raise ValueError(f"its header is broken: {type(error).__name__}") from error
    if dtype.hasobject:
        raise ValueError("it holds Python objects")
    stored = StoredArray(path, shown, name, file.tell(), shape, fortran, dtype)
    if min(shape, default=0) < 0 or stored.offset + stored.nbytes != end:
        raise ValueError(
            f"its header declares {shape} of {dtype}, {stored.nbytes} bytes, and "
            f"{end - stored.offset} are there"
        )
    return stored


class StoredRows(Lazy):
    """The rows of a stored array, checked to be finite as float32; the file is never held.

    They are float64 where float32 has not all digits of the stored type.

    Stretches are read, which the system does ahead of time.  Rows here and there come through a
    memory map where the system can keep the file in memory.  Where it cannot, they are read one
    by one: all are announced first, so that the disk works on many at a time, and no page of the
    file stays in the process.  A file that is changed or cut short is noticed before it is used.

    Args:
        stored: the array, of numbers, with at least one axis.
        sample: shape of a sample, of as many numbers as a stored row has.
        scale: what every number is divided by; None leaves them as they are.
    """

    def __init__(self, stored: StoredArray, sample: Shape, scale: float | None = None) -> None:
        super().__init__((stored.shape[0], *sample), True, working_type(stored.dtype))
        self._stored = stored
        self._scale = None if scale is None else np.float32(scale)
        if stored.dtype == np.uint8 and scale == np.iinfo(np.uint8).max:
            self.bounds = (0.0, 1.0)
        self._row = stored.nbytes // len(self)
        self._plain = stored.dtype == self.dtype and not stored.fortran
        try:
            # A mapping must know its size; that the array fits in it was checked.
            with open_file(stored.path) as file:
                self._handle = os.dup(file.fileno())
        except OSError as error:
            raise DataError(f"{stored.file}: {error.strerror} ({stored.path})") from error
        weakref.finalize(self, os.close, self._handle)
        self._as_opened = self._state()
        self._need(self._as_opened[0] >= stored.offset + stored.nbytes)
        self._array: Array | None = None
        self._bytes: Array | None = None
        if stored.fortran or stored.nbytes <= memory() * _KEPT:
            self._map()

    def _map(self) -> None:
        stored = self._stored
        pages = mmap.mmap(self._handle, 0, access=mmap.ACCESS_READ)
        # Rows are taken at random: what lies around them would be read for nothing.
        pages.madvise(mmap.MADV_RANDOM)
        if stored.fortran:
            self._array = np.ndarray(
                stored.shape, stored.dtype, buffer=pages, offset=stored.offset, order="F"
            )
        else:
            # As bytes: NumPy takes rows of what is not aligned only from a copy of everything.
            self._bytes = np.ndarray(
                (len(self), self._row), np.uint8, buffer=pages, offset=stored.offset
            )

    def read(self, start: int, out: Array) -> None:
        """Read the stretch of the file and convert it."""
        self._need(self._state() == self._as_opened)
        if self._array is not None:
            self._convert(self._array[start : start + len(out)], start, out)
            return
        target = out if self._plain else self._staging(len(out))
        self._fill(target.reshape(-1).view(np.uint8), self._stored.offset + start * self._row)
        self._convert(target, start, out)

    def gather(self, rows: Array, out: Array) -> None:
        """Take the rows from the map, or from the disk, and convert them."""
        self._need(self._state() == self._as_opened)
        if self._array is not None:
            self._convert(self._array[rows], rows, out)
            return
        target = out if self._plain else self._staging(len(out))
        flat = target.reshape(-1).view(np.uint8).reshape(len(out), self._row)
        if self._bytes is not None:
            np.take(self._bytes, rows, axis=0, out=flat, mode="clip")
        else:
            self._fill_each(flat, self._stored.offset + rows * self._row)
        self._convert(target, rows, out)

    def _fill_each(self, rows: Array, places: Array) -> None:
        """Read (b, bytes) rows that begin at (b,) places of the file."""
        if hasattr(os, "posix_fadvise"):  # macOS has no such thing
            for place in np.sort(places).tolist():
                os.posix_fadvise(self._handle, place, self._row, os.POSIX_FADV_WILLNEED)
        for row, place in zip(rows, places.tolist(), strict=True):
            self._fill(row, place)

    def _fill(self, target: Array, place: int) -> None:
        """Read bytes from a place of the file on."""
        view = target.data
        while len(view):  # the system may give less at a time
            got = os.preadv(self._handle, [view], place)
            self._need(got > 0)
            view, place = view[got:], place + got

    def _staging(self, count: int) -> Array:
        return np.empty((count, *self._stored.shape[1:]), self._stored.dtype)

    def _convert(self, values: Array, rows: int | Array, out: Array) -> None:
        """Numbers as stored, or ``out`` itself where they are of its type, to those asked for."""
        if values is not out:
            with np.errstate(over="ignore"):  # what is too large turns up as infinite below
                np.copyto(out.reshape(values.shape), values, casting="unsafe")
        if self._scale is not None:
            np.divide(out, self._scale, out=out)
        if values.dtype.kind == "f" and not finite_as_float32(out).all():
            finite = finite_as_float32(out).all(axis=tuple(range(1, out.ndim)))
            first = int(np.argmin(finite))
            row = rows + first if isinstance(rows, int) else int(rows[first])
            raise DataError(
                f"{self._stored.file}: row {row} of '{self._stored.name}' has values that are NaN "
                "or infinite as 32-bit numbers; replace them or leave their rows out"
            )

    def _state(self) -> tuple[int, int]:
        """Size and time of the last change; a map of a file that has shrunk kills the process."""
        status = os.fstat(self._handle)
        return status.st_size, status.st_mtime_ns

    def _need(self, unchanged: bool) -> None:
        if not unchanged:
            raise DataError(
                f"{self._stored.file}: the file was changed while it was in use; write changes to "
                "a new file and rename it"
            )
