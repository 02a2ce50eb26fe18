"""Reading the arrays of a file, whose checksum is computed on the way."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from dlrun.run_directory.manifest import PART, Checksum
from dlrun.run_directory.tensors import LENGTH, LONGEST_HEADER, Header, header_of

if TYPE_CHECKING:
    from dlrun.arrays import Array, Shape


@dataclass(slots=True)
class Read:
    """What a file contains; nothing of it may be used before its checksum was compared.

    Attributes:
        sums: size and checksum of all bytes.
        arrays: the wanted ones, by name.
        metadata: text by key.
        error: why it is not a file of arrays; None if it is one.
    """

    sums: Checksum = field(default_factory=Checksum)
    arrays: dict[str, Array] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    error: Exception | None = None


Places = Callable[[Collection[str]], "Mapping[str, Array]"]
"""Called with the names of all arrays in a file; arrays by name that the content is read into.  One
with another shape or dtype than in the file is not used."""


def no_places(names: Collection[str]) -> Mapping[str, Array]:
    """Every array is a new one."""
    return {}


def read_arrays(
    file: BinaryIO, size: int, wanted: Callable[[str], bool], places: Places = no_places
) -> Read:
    """Read an open file to its end, each wanted array directly into its place in memory.

    Args:
        file: at its beginning.
        size: of the file, in bytes.
        wanted: of the name of an array, whether it is kept.
        places: existing arrays to read into.  They change even if the file is broken.

    Raises:
        OSError: it cannot be read.
    """
    read = Read()
    try:
        header = _header(file, size, read)
        read.metadata = header.metadata
        found = places([name for name, *_ in header.arrays])
        for name, dtype, shape in header.arrays:
            if wanted(name):
                array = _place(found.get(name), dtype, shape)
                _fill(array, file, read.sums)
                read.arrays[name] = array
            else:
                _pass(file, math.prod(shape) * int(dtype[2:]), read.sums)
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
        read.error, read.arrays = error, {}
    _pass(file, size + 1 - read.sums.size, read.sums)  # the checksum is that of the whole file
    return read


def _header(file: BinaryIO, size: int, read: Read) -> Header:
    start = file.read(LENGTH)
    read.sums.add(start)
    length = int.from_bytes(start, "little")
    if length > min(size - LENGTH, LONGEST_HEADER):
        raise ValueError(f"it has a header of {length} bytes")
    text = file.read(length)
    read.sums.add(text)
    return header_of(text, size - LENGTH - length)


def _place(existing: Array | None, dtype: str, shape: Shape) -> Array:
    """The existing array if it has this form, else a new one."""
    import numpy as np

    if (
        existing is not None
        and (existing.dtype, existing.shape) == (np.dtype(dtype), shape)
        and existing.flags.c_contiguous
        and existing.flags.writeable
    ):
        return existing
    return np.empty(shape, dtype)


def _fill(array: Array, file: BinaryIO, sums: Checksum) -> None:
    import numpy as np

    rest = array.reshape(-1).view(np.uint8).data
    while rest:
        count = file.readinto(rest[:PART])  # type: ignore[attr-defined]
        if not count:
            raise ValueError("it ends within its arrays")
        sums.add(rest[:count])
        rest = rest[count:]


def _pass(file: BinaryIO, count: int, sums: Checksum) -> None:
    """Read so many bytes, or to the end of the file, and keep none."""
    while count > 0 and (part := file.read(min(PART, count))):
        sums.add(part)
        count -= len(part)
