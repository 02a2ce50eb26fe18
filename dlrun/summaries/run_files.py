"""The files of a run or a study with their sizes."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

MOST = 1_000
"""Files that are looked at, at most: the runs of a large study have many."""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file.

    Attributes:
        path: inside the directory.
        size: in bytes; None if it is not a regular file.
    """

    path: str
    size: int | None


@dataclass(frozen=True, slots=True)
class FileList:
    """The files of a directory.

    Attributes:
        files: sorted by path.
        whole: whether these are all files.
    """

    files: tuple[ListedFile, ...]
    whole: bool

    @property
    def size(self) -> int:
        """Bytes of all of them."""
        return sum(each.size or 0 for each in self.files)


def files_of(directory: str, without: tuple[str, ...] = ()) -> FileList:
    """The files below a directory; no link is followed, and what cannot be read is left out.

    Args:
        directory: of a run or a study.
        without: folders in it that are left out, such as the runs of a study.
    """
    found: list[ListedFile] = []
    for folder, inner, names in os.walk(directory):
        inside = os.path.relpath(folder, directory)
        prefix = "" if inside == "." else f"{inside}/"
        if not prefix:
            inner[:] = [name for name in inner if name not in without]
        inner.sort()
        links = [name for name in inner if os.path.islink(f"{folder}/{name}")]  # noqa: PTH114
        for name in (*names, *links):
            if len(found) == MOST:
                return FileList(_sorted(found), whole=False)
            try:
                status = os.lstat(f"{folder}/{name}")
            except OSError:
                continue
            size = status.st_size if stat.S_ISREG(status.st_mode) else None
            found.append(ListedFile(prefix + name, size))
    return FileList(_sorted(found), whole=True)


def _sorted(files: list[ListedFile]) -> tuple[ListedFile, ...]:
    return tuple(sorted(files, key=lambda each: ("/" in each.path, each.path)))
