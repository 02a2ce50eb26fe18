"""A file of data as it was when it was looked for, and what tells its content from any other."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from dlrun.data.input_file import open_file

_BLOCK = 1 << 20
"""Bytes that are read at a time."""
_SECOND = 1_000_000_000
_COARSEST = 2 * _SECOND
"""Nanoseconds between two times that any file system tells apart; FAT has the coarsest."""


@dataclass(frozen=True, slots=True)
class State:
    """What the file system says of a file.

    Attributes:
        device: the file system's number.
        inode: the file's number there.
        size: bytes.
        modified: when its content was written last, in nanoseconds; any program may set it.
        changed: when content or properties changed last, in nanoseconds; the system sets it.
    """

    device: int
    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        """The state in what ``os.stat`` gives."""
        return cls(
            status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        )


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was when it was looked for.

    Attributes:
        path: of the file.
        name: what messages call it.
        state: what the file system said of it; None where it could not be looked at.
        seen: the time when it said so, in nanoseconds.
    """

    path: Path
    name: str
    state: State | None
    seen: int

    @classmethod
    def of(cls, path: Path, name: str, entry: os.DirEntry[str] | None = None) -> Self:
        """The file as it is now.

        Args:
            path: of the file; links are followed.
            name: what messages call it.
            entry: of its folder, where that is at hand.

        Raises:
            OSError: it cannot be looked at.
        """
        seen = time.time_ns()
        return cls(path, name, State.of((entry or path).stat()), seen)

    @classmethod
    def lost(cls, path: Path, name: str) -> Self:
        """A file that cannot be looked at; reading it says why."""
        return cls(path, name, None, 0)

    @property
    def doubtful(self) -> bool:
        """Whether the same state may hold another content.

        So it is where the content may change once more without a later time: shortly after a
        change, where the time has no fractions of a second, which is all that some file systems
        and archives keep, or where there is no time at all.  Git calls such files racy.
        """
        if self.state is None:
            return False
        changed = self.state.changed
        return changed % _SECOND == 0 or self.seen - changed < _COARSEST

    def digest(self) -> str:
        """SHA-256 of the content, in hex; what is wrong where it cannot be read."""
        try:
            found = hashlib.sha256()
            with open_file(self.path) as file:
                while block := file.read(_BLOCK):
                    found.update(block)
            return found.hexdigest()
        except OSError as error:
            return str(error.errno)

    def now(self) -> State | None:
        """The state of the file at present."""
        try:
            return State.of(self.path.stat())
        except OSError:
            return None


def identities(files: Sequence[SourceFile]) -> list[str]:
    """A text for each file that no other content has: path, state and, in doubt, a digest."""
    folder = cache(os.path.realpath)

    def identity(file: SourceFile) -> str:
        place = str(Path(folder(file.path.parent), file.path.name))
        return repr((place, file.state, file.digest() if file.doubtful else None))

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return list(pool.map(identity, files))


def unchanged(files: Sequence[SourceFile], known: Sequence[str]) -> bool:
    """Whether files still are what ``identities`` said of them."""
    return all(file.now() == file.state for file in files) and identities(files) == known
