"""A zip file from an untrusted source, of which only the members of an archive are read.

Nothing is unpacked to the disk, and no member is compressed, so nothing is larger than the file.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dlrun.errors import DataError
from dlrun.files import open_regular
from dlrun.run_directory.access import present, reading
from dlrun.run_directory.archive.end_record import need_short_list
from dlrun.run_directory.archive.layout import ADVICE, LIMITS, MANIFEST, OPTIONAL

# Raised by zipfile for broken and encrypted files.
_BROKEN = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    LookupError,
    ValueError,
    OverflowError,
    struct.error,
)


class ZipFile:
    """An open file; see ``opened``.

    Attributes:
        sizes: bytes of each member, by name.
    """

    def __init__(self, path: Path, archive: zipfile.ZipFile, size: int) -> None:
        self._path, self._archive = path, archive
        self._members = _members(path, archive, size)
        self.sizes: Mapping[str, int] = {
            name: info.file_size for name, info in self._members.items()
        }

    def read(self, name: str) -> bytes:
        """The content of a member.

        Raises:
            DataError: it is broken.
        """
        try:
            with self._archive.open(self._members[name]) as member:
                return member.read()
        except _BROKEN as error:
            raise DataError(f"{self._path}: {name} cannot be read: {error}; {ADVICE}") from error


@contextmanager
def opened(path: Path) -> Iterator[ZipFile]:
    """The members of a file, which can be read within the block.

    Args:
        path: of the file.

    Raises:
        DataError: it is not a zip file with exactly the members of an archive.
    """
    if not present(path):
        raise DataError(f"{path}: no such file; name an archive")
    with reading(path), open_regular(path) as file:
        try:
            need_short_list(file)
            archive = zipfile.ZipFile(file)
        except _BROKEN as error:
            raise DataError(
                f"{path}: not an archive of dlrun, or cut off or broken: {error}; {ADVICE}"
            ) from error
        with archive:
            yield ZipFile(path, archive, os.fstat(file.fileno()).st_size)


def _members(path: Path, archive: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """The members by name.

    Args:
        path: of the file.
        archive: the file.
        size: of the file in bytes.

    Raises:
        DataError: they are not those of an archive.
    """
    found: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.orig_filename
        if name not in LIMITS:
            shown = repr(name[:40])
            raise DataError(f"{path}: not an archive of dlrun: it has a member {shown}")
        if name in found:
            raise DataError(f"{path}: has {name} twice; {ADVICE}")
        if wrong := _strange(info):
            raise DataError(f"{path}: {name} {wrong}, which dlrun never writes; {ADVICE}")
        if info.file_size > (most := min(LIMITS[name], size)):  # memory is allocated for it
            raise DataError(
                f"{path}: {name} has {info.file_size:,} bytes, more than the limit of {most:,}"
            )
        found[name] = info
    for name in LIMITS:
        if name not in found and name not in OPTIONAL:
            other = "not an archive of dlrun: " if name == MANIFEST else ""
            raise DataError(f"{path}: {other}it has no {name}; {ADVICE}")
    return found


def _strange(info: zipfile.ZipInfo) -> str | None:
    """How a member differs from those that are written."""
    if info.flag_bits & 1:
        return "is encrypted"
    if info.compress_type != zipfile.ZIP_STORED:
        return "is compressed"
    if info.compress_size != info.file_size:
        return "has two sizes"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return "is a link or another kind of file"
    return "has unknown flags" if info.flag_bits else None
