"""Room for the samples of files that are being decoded, in a file or in memory."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib.format import open_memmap

from dlrun.arrays import Array, Shape
from dlrun.data.files.decoded_cache import Entry

_ZEROS = 1 << 20
"""Bytes that are written at a time."""


def room_for(
    shape: Shape, dtype: np.dtype[np.generic], entry: Entry | None
) -> tuple[Array, Path | None]:
    """An array in a temporary file for an entry, or in memory if no file can be created.

    Returns:
        The array, and the path of the file.
    """
    if entry is not None:
        temporary = entry.array.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            array = open_memmap(temporary, "w+", dtype, shape)
            with temporary.open(
                "r+b"
            ) as file:  # else a full disk would kill the process that writes to the map
                _allocate(file, array.offset)
            return array, temporary
        except OSError:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
    return np.zeros(shape, dtype), None


def _allocate(file: BinaryIO, start: int) -> None:
    """Reserve disk space for a file that is zeros from ``start``.

    Raises:
        OSError: there is not enough space.
    """
    end = os.fstat(file.fileno()).st_size
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, end)
        return
    file.seek(start)  # macOS lacks it
    while (left := end - file.tell()) > 0:
        file.write(bytes(min(left, _ZEROS)))
