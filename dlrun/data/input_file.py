"""Files of data, whatever their names lead to: none is waited for, and none fills the memory."""

from __future__ import annotations

import errno
import gzip
import os
import resource
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from dlrun.errors import DataError

_PART = 0.5
"""Part of the memory that the content of one file may take."""
_BLOCK = 1 << 20
"""Bytes that are unpacked at a time."""
_CONTAINER = Path("/sys/fs/cgroup/memory.max")


def open_file(path: Path) -> BinaryIO:
    """A file to be read, if it is one: a pipe or a device may never end, or never begin.

    Raises:
        OSError: it is none, or cannot be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, "a pipe or a device, no file; save the data in one")


@contextmanager
def opened(path: Path, shown: str) -> Iterator[BinaryIO]:
    """A file to be read within the block.

    Args:
        path: of the file.
        shown: what messages call it.

    Raises:
        DataError: it cannot be opened or read.
    """
    try:
        with open_file(path) as file:
            yield file
    except OSError as error:
        raise DataError(f"{shown}: {error.strerror or error} ({path})") from error


def unpacked(file: BinaryIO, shown: str, factor: int = 1) -> bytes:
    """The content of a gzip file.

    Args:
        file: at its first byte.
        shown: what messages call it.
        factor: how many times as much memory as the content will be needed.

    Raises:
        DataError: it is broken, or holds more than there is room for.
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


def need_room(size: int, shown: str) -> None:
    """Check that so many bytes of memory can be had for the content of a file.

    Raises:
        DataError: they are more than half of it.
    """
    if size > memory() * _PART:
        raise DataError(
            f"{shown}: its content takes at least {size / 2**30:.3g} GiB of memory, more than half "
            f"of the {memory() / 2**30:.3g} GiB here; divide it, or store large arrays as .npy, "
            "which are read batch by batch"
        )


def memory() -> int:
    """Bytes of memory that this process may have."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY:
        limits.append(soft)
    with suppress(OSError, ValueError):  # there is no container, or it says "max"
        limits.append(int(_CONTAINER.read_text()))
    return min(limits)
