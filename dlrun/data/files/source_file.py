"""The state of a data file when it was found, and an identity of its content."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from dlrun.data.files.input_file import open_file

_BLOCK = 1 << 20
"""Bytes that are read at a time."""
_SECOND = 1_000_000_000
_COARSEST = 2 * _SECOND
"""Nanoseconds of the coarsest resolution of time of a file system, that of FAT."""


@dataclass(frozen=True, slots=True)
class State:
    """The properties of a file in the file system.

    Attributes:
        device: the file system's number.
        inode: the file's number there.
        size: bytes.
        modified: last change of its content, in nanoseconds; any program may set it.
        changed: last change of content or properties, in nanoseconds; set by the system only.
    """

    device: int
    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        """The state in a result of ``os.stat``."""
        return cls(
            status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        )


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file and its state when it was found.

    Attributes:
        path: of the file.
        name: its name in messages.
        state: its state; None if the file could not be found.
        seen: the time of this state, in nanoseconds.
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
            name: its name in messages.
            entry: its entry in a folder that was listed; None if there is none.

        Raises:
            OSError: its state cannot be read.
        """
        seen = time.time_ns()
        return cls(path, name, State.of((entry or path).stat()), seen)

    @classmethod
    def lost(cls, path: Path, name: str) -> Self:
        """A file whose state cannot be read; reading it raises the error."""
        return cls(path, name, None, 0)

    @property
    def doubtful(self) -> bool:
        """Whether the content may have changed although the state is the same.

        This is possible if the content could change again without a later time: shortly after a
        change, or if the time has no fractions of a second (some file systems and archives store
        whole seconds) or is missing.  Git calls such files racy.
        """
        if self.state is None:
            return False
        changed = self.state.changed
        return changed % _SECOND == 0 or self.seen - changed < _COARSEST

    def checksum(self) -> str:
        """SHA-256 of the content, in hex; the error number if it cannot be read."""
        try:
            checksum = hashlib.sha256()
            with open_file(self.path) as file:
                while block := file.read(_BLOCK):
                    checksum.update(block)
            return checksum.hexdigest()
        except OSError as error:
            return str(error.errno)

    def now(self) -> State | None:
        """The current state of the file."""
        try:
            return State.of(self.path.stat())
        except OSError:
            return None
