"""Data files, opened so that no pipe blocks the program and no content fills the memory."""

from __future__ import annotations

import errno
import gzip
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from dlrun.data.files.absent import reason
from dlrun.data.files.memory import need_room
from dlrun.errors import DataError

_BLOCK = 1 << 20
"""Bytes that are unpacked at a time."""


def open_file(path: Path) -> BinaryIO:
    """Open a regular file for reading; reading a pipe or a device may block or never end.

    Raises:
        OSError: it is not a regular file, or cannot be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, "a pipe or a device instead of a file; save the data in a file")


@contextmanager
def opened(path: Path, shown: str) -> Iterator[BinaryIO]:
    """A file that can be read within the block.

    Args:
        path: of the file.
        shown: its name in messages.

    Raises:
        DataError: it cannot be opened or read.
    """
    try:
        with open_file(path) as file:
            yield file
    except OSError as error:
        raise DataError(f"{shown}: {reason(error, shown, path)}") from error


def unpacked(file: BinaryIO, shown: str, factor: int = 1) -> bytes:
    """The content of a gzip file.

    Args:
        file: at its first byte.
        shown: its name in messages.
        factor: memory that will be needed, as a multiple of the content's size.

    Raises:
        DataError: it is broken, or its content needs too much memory.
    """
    blocks, size = [], 0
    try:
        with gzip.GzipFile(fileobj=file) as packed:
            while block := packed.read(_BLOCK):
                blocks.append(block)
                size += len(block)
                need_room(factor * size, shown)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{shown}: broken gzip file: {error}") from error
    return b"".join(blocks)
