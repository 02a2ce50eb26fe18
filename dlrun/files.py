"""Opening files that other people may have prepared: only regular files, and up to a size limit.

Reading a pipe or a device instead of a file could block or never end.  So files are opened without
blocking, and their type is checked, through the descriptor, before anything is read.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from dlrun.errors import DataError

METADATA_LIMIT = 64 * 2**20
"""Maximum size of a small file (JSON, YAML, a manifest) in bytes."""

_BLOCK = 2**20
"""Bytes that are read at a time."""


def open_regular(path: Path, *, follow: bool = True) -> BinaryIO:
    """Open a regular file for reading.

    Args:
        path: of the file.
        follow: whether the file may be a symbolic link; files in a run directory, a study or a
            cache may not, because a link there could point anywhere.

    Raises:
        DataError: it is a folder, a pipe, a socket, a device, or a link that may not be followed.
        OSError: it cannot be opened; the error of ``open``.
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
    """The content of a regular file of at most ``limit`` bytes.

    Raises:
        DataError: it is larger, or not a regular file; see ``open_regular``.
        OSError: it cannot be opened or read.
    """
    content = bytearray()
    with open_regular(path, follow=follow) as file:
        large = os.fstat(file.fileno()).st_size > limit
        # In blocks: each read allocates memory for as much as it may return.
        while not large and (block := file.read(_BLOCK)):
            content += block
            large = len(content) > limit
    if large:
        most = f"{limit / 2**20:.0f} MiB"
        raise DataError(f"{path}: is larger than {most}, the limit for such a file")
    return bytes(content)


_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
