"""Rows of an array that stays in its file, read as they are needed."""

from __future__ import annotations

import mmap
import os
import weakref

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.data.files.array_file import StoredArray
from dlrun.data.files.input_file import open_file
from dlrun.data.files.memory import memory
from dlrun.data.samples import Lazy, finite_as_float32, working_type
from dlrun.errors import DataError

_KEPT = 0.5
"""Fraction of the memory up to which the system can be expected to cache a whole file."""


class StoredRows(Lazy):
    """The rows of a stored array, checked to be finite as float32; they are never all in memory.

    They are float64 if float32 would lose digits of the stored dtype.

    Consecutive rows are read from the file, with the read-ahead of the system.  Scattered rows come
    from a memory map if the system can cache the whole file.  Otherwise they are read one by one:
    all reads are announced first, so that the disk works on many at a time, and no page of the
    file stays mapped in the process.  A file that was changed or truncated is an error.

    Args:
        stored: a numeric array with at least one axis.
        sample: shape of a sample, with as many values as a stored row.
        scale: divisor of every value; None leaves them unchanged.
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
            # A mapping needs its size; the array was checked to fit in it.
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
        # Rows are taken at random: reading ahead around them would be wasted.
        pages.madvise(mmap.MADV_RANDOM)
        if stored.fortran:
            self._array = np.ndarray(
                stored.shape, stored.dtype, buffer=pages, offset=stored.offset, order="F"
            )
        else:
            # As bytes: NumPy would copy the whole array to take rows that are not aligned.
            self._bytes = np.ndarray(
                (len(self), self._row), np.uint8, buffer=pages, offset=stored.offset
            )

    def read(self, start: int, out: Array) -> None:
        """Read consecutive rows from the file and convert them."""
        self._need(self._state() == self._as_opened)
        if self._array is not None:
            convert(self._stored, self._array[start : start + len(out)], start, out, self._scale)
            return
        target = out if self._plain else self._staging(len(out))
        self._fill(target.reshape(-1).view(np.uint8), self._stored.offset + start * self._row)
        convert(self._stored, target, start, out, self._scale)

    def gather(self, rows: Array, out: Array) -> None:
        """Take the rows from the map, or from the disk, and convert them."""
        self._need(self._state() == self._as_opened)
        if self._array is not None:
            convert(self._stored, self._array[rows], rows, out, self._scale)
            return
        target = out if self._plain else self._staging(len(out))
        flat = target.reshape(-1).view(np.uint8).reshape(len(out), self._row)
        if self._bytes is not None:
            np.take(self._bytes, rows, axis=0, out=flat, mode="clip")
        else:
            self._fill_each(flat, self._stored.offset + rows * self._row)
        convert(self._stored, target, rows, out, self._scale)

    def _fill_each(self, rows: Array, offsets: Array) -> None:
        """Read (b, bytes) rows that begin at (b,) offsets of the file."""
        if hasattr(os, "posix_fadvise"):  # macOS lacks it
            for offset in np.sort(offsets).tolist():
                os.posix_fadvise(self._handle, offset, self._row, os.POSIX_FADV_WILLNEED)
        for row, offset in zip(rows, offsets.tolist(), strict=True):
            self._fill(row, offset)

    def _fill(self, target: Array, offset: int) -> None:
        """Read the bytes of the file from an offset."""
        view = target.data
        while len(view):  # the system may return fewer bytes at a time
            got = os.preadv(self._handle, [view], offset)
            self._need(got > 0)
            view, offset = view[got:], offset + got

    def _staging(self, count: int) -> Array:
        return np.empty((count, *self._stored.shape[1:]), self._stored.dtype)

    def _state(self) -> tuple[int, int]:
        """Size and modification time; reading a map of a truncated file would kill the process."""
        status = os.fstat(self._handle)
        return status.st_size, status.st_mtime_ns

    def _need(self, unchanged: bool) -> None:
        if not unchanged:
            raise DataError(
                f"{self._stored.file}: the file was changed while it was in use; write changes to "
                "a new file and rename it"
            )


def convert(
    stored: StoredArray, values: Array, rows: int | Array, out: Array, scale: np.float32 | None
) -> None:
    """Convert stored values, or ``out`` itself if it has their dtype, into ``out``.

    Args:
        stored: the array that they are from.
        values: (b, ...) as they are stored.
        rows: of the array; an integer is the first of consecutive rows.
        out: (b, *sample shape).
        scale: divisor of every value; None leaves them unchanged.

    Raises:
        DataError: a value is not finite as float32.
    """
    if values is not out:
        with np.errstate(over="ignore"):  # values beyond float32 are found below
            np.copyto(out.reshape(values.shape), values, casting="unsafe")
    if scale is not None:
        np.divide(out, scale, out=out)
    if values.dtype.kind == "f" and not finite_as_float32(out).all():
        finite = finite_as_float32(out).all(axis=tuple(range(1, out.ndim)))
        first = int(np.argmin(finite))
        row = rows + first if isinstance(rows, int) else int(rows[first])
        raise DataError(
            f"{stored.file}: row {row} of '{stored.name}' has values that are NaN "
            "or infinite as 32-bit floats; replace them or leave their rows out"
        )
