"""Opening files that somebody else may have prepared: regular files only, and no more than fits.

A pipe or a device in the place of a file would make its reader wait, or read, for ever.  So files
are opened without waiting and then looked at, by their descriptor, before anything is read.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from dlrun.errors import DataError

METADATA_LIMIT = 64 * 2**20
"""Bytes that a small file (JSON, YAML, a manifest) may have."""

_BLOCK = 2**20
"""Bytes that are read at a time."""


def open_regular(path: Path, *, follow: bool = True) -> BinaryIO:
    """Open a regular file for reading.

    Args:
        path: of the file.
        follow: whether the file may be a symbolic link; files inside a run directory, study or
            cache may not, since a link there could lead anywhere.

    Raises:
        DataError: it is a folder, a pipe, a socket, a device, or a link that may not be followed.
        OSError: it cannot be opened, as ``open`` raises it.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags | (0 if follow else os.O_NOFOLLOW))
    except OSError as error:
        if error.errno == errno.ELOOP and not follow:
            raise DataError(f"{path}: is a symbolic link, which is not followed here") from error
        if error.errno == errno.ENXIO:  # a socket
            raise DataError(f"{path}: is not a regular file but a socket or a device") from error
        raise
    try:
        kind = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(kind):
            raise DataError(f"{path}: is not a regular file but {_KINDS.get(stat.S_IFMT(kind))}")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_bytes(path: Path, *, limit: int = METADATA_LIMIT, follow: bool = True) -> bytes:
    """The content of a regular file of no more than ``limit`` bytes.

    Raises:
        DataError: it is larger, or no regular file; see ``open_regular``.
        OSError: it cannot be opened or read.
    """
    content = bytearray()
    with open_regular(path, follow=follow) as file:
        large = os.fstat(file.fileno()).st_size > limit
        # By blocks: a call makes room for as much as it may read.
        while not large and (block := file.read(_BLOCK)):
            content += block
            large = len(content) > limit
    if large:
        most = f"{limit / 2**20:.0f} MiB"
        raise DataError(f"{path}: is larger than the {most} that such a file may have")
    return bytes(content)


_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
