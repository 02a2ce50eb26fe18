"""Arrays in a compressed file, whose rows are unpacked one after another."""

from __future__ import annotations

import math
import struct
import weakref
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Protocol, Self

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.data.files.array_file import StoredArray
from dlrun.data.files.input_file import open_file
from dlrun.data.files.memory import need_room
from dlrun.data.files.stored_rows import convert
from dlrun.data.samples import Lazy, working_type
from dlrun.errors import DataError

# Raised by zipfile, gzip and struct for broken content.
BROKEN = (OSError, EOFError, ValueError, RuntimeError, struct.error, zipfile.BadZipFile, zlib.error)
_SKIPPED = 1 << 20
"""Bytes that are unpacked at a time on the way to a row."""


class Stream(Protocol):
    """Unpacked bytes."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most ``size``; none at the end."""


@dataclass(frozen=True, slots=True)
class PackedArray(StoredArray):
    """An array in C order whose bytes are compressed; ``offset`` counts unpacked bytes.

    Attributes:
        unpack: from the open file to a stream of unpacked bytes.
        broken: the error for content that cannot be unpacked.
    """

    unpack: Callable[[BinaryIO], Stream]
    broken: Callable[[Exception], DataError]

    @classmethod
    def of(
        cls,
        array: StoredArray,
        unpack: Callable[[BinaryIO], Stream],
        broken: Callable[[Exception], DataError],
    ) -> Self:
        """The array at a place in the unpacked bytes of its file."""
        place = (array.path, array.file, array.name, array.offset, array.shape)
        return cls(*place, False, array.dtype, unpack, broken)

    def in_memory(self) -> Array:
        """A copy of the whole array."""
        need_room(self.nbytes, self.file)
        values = np.empty(self.shape, self.dtype)
        with _Unpacked(self) as content:
            content.fill(values)
            content.need_end()
        return values


class _Unpacked:
    """The values of a packed array, from the first to the last.

    Args:
        array: where they are.
    """

    def __init__(self, array: PackedArray) -> None:
        self._array = array
        try:
            self._file = open_file(array.path)
        except OSError as error:
            raise DataError(f"{array.file}: {error.strerror} ({array.path})") from error
        try:
            self._stream = self._unpacked()
            self.skip(array.offset)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> _Unpacked:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def skip(self, count: int) -> None:
        """Unpack bytes and forget them.

        Raises:
            DataError: they are broken.
        """
        left = bytearray(min(count, _SKIPPED))
        while count > 0:
            self._fill(memoryview(left)[:count])
            count -= min(count, len(left))

    def fill(self, values: Array) -> None:
        """Unpack the next values into an array in C order.

        Raises:
            DataError: they are broken.
        """
        self._fill(values.reshape(-1).view(np.uint8).data)

    def need_end(self) -> None:
        """Check that nothing follows, which also compares the checksum of the content.

        Raises:
            DataError: something does, or the checksum differs.
        """
        try:
            if self._stream.read(1):
                raise ValueError(
                    f"it has more than the {self._array.nbytes} bytes that it declares"
                )
        except BROKEN as error:
            raise self._array.broken(error) from error

    def _unpacked(self) -> Stream:
        try:
            return self._array.unpack(self._file)
        except BROKEN as error:
            raise self._array.broken(error) from error

    def _fill(self, view: memoryview) -> None:
        try:
            while len(view):
                content = self._stream.read(min(len(view), _SKIPPED))
                if not content:
                    raise ValueError(
                        f"it declares {self._array.shape} of {self._array.dtype}, "
                        f"{self._array.nbytes} bytes, and has fewer"
                    )
                view[: len(content)] = content
                view = view[len(content) :]
        except BROKEN as error:
            raise self._array.broken(error) from error


class PackedRows(Lazy):
    """The rows of a packed array, like ``StoredRows``; best read in order.

    To go back, the file is unpacked from its start again.

    Args:
        packed: a numeric array with at least one axis.
        sample: shape of a sample, with as many values as a row of the array.
        scale: divisor of every value; None leaves them unchanged.
    """

    def __init__(self, packed: PackedArray, sample: Shape, scale: float | None = None) -> None:
        super().__init__((packed.shape[0], *sample), True, working_type(packed.dtype))
        self._packed = packed
        self._scale = None if scale is None else np.float32(scale)
        if packed.dtype == np.uint8 and scale == np.iinfo(np.uint8).max:
            self.bounds = (0.0, 1.0)
        self._content: _Unpacked | None = None
        self._next = 0

    def read(self, start: int, out: Array) -> None:
        """Unpack consecutive rows and convert them."""
        if not len(out):
            return
        content = self._at(start)
        values = np.empty((len(out), *self._packed.shape[1:]), self._packed.dtype)
        content.fill(values)
        self._next += len(out)
        if self._next == len(self):
            content.need_end()
        convert(self._packed, values, start, out, self._scale)

    def gather(self, rows: Array, out: Array) -> None:
        """Unpack the rows in their order in the file."""
        for place in np.argsort(rows, kind="stable").tolist():
            self.read(int(rows[place]), out[place : place + 1])

    def _at(self, row: int) -> _Unpacked:
        """The content from a row on."""
        if self._content is None or row < self._next:
            if self._content is not None:
                self._content.close()
            self._content = _Unpacked(self._packed)
            weakref.finalize(self, self._content.close)
            self._next = 0
        width = math.prod(self._packed.shape[1:]) * self._packed.dtype.itemsize
        self._content.skip((row - self._next) * width)
        self._next = row
        return self._content
