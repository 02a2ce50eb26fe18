"""Operations that write, of which one fails or is the last that the process does.

Only such count that work on files of a folder and of the caches: opening to write, writing,
bringing to the disk, renaming, making, removing and cutting off.
"""

from __future__ import annotations

import errno
import io
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

Kind = Literal["EIO", "ENOSPC", "kill"]

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_GROWS = ("open", "write", "pwrite", "mkdir")
"""What takes space; a full disk still lets files be removed, renamed and cut off."""
_CALLS = (
    "open",
    "write",
    "pwrite",
    "fsync",
    "replace",
    "rename",
    "mkdir",
    "rmdir",
    "unlink",
    "remove",
    "ftruncate",
    "truncate",
)


class Faults:
    """Counts, and strikes at a number.

    ``kill`` strikes once and for all, half of a ``write`` done; EIO once; and after ENOSPC nothing
    is written any more.

    Args:
        kind: of fault.
        number: of the operation that it strikes, from 1; 0 is none.

    Attributes:
        count: of operations so far.
    """

    def __init__(self, kind: Kind, number: int) -> None:
        self.kind, self.number, self.count = kind, number, 0
        self._folder = str(Path.cwd())
        self._write = os.write

    def install(self) -> None:
        """Put this process under it, for good."""
        for name in _CALLS:
            setattr(os, name, self._wrapped(name, getattr(os, name)))
        io.open = self._opened(io.open)  # type: ignore[assignment]

    def _strikes(self) -> bool:
        self.count += 1
        if self.kind == "ENOSPC":
            return 0 < self.number <= self.count
        return self.count == self.number

    def _wrapped(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if not self._counts(name, *arguments, **named) or not self._strikes():
                return original(*arguments, **named)
            if self.kind == "kill":
                if name == "write":
                    original(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            if self.kind == "ENOSPC" and name not in _GROWS:
                return original(*arguments, **named)
            raise self._error()

        return call

    def _opened(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
            writes = set(mode) & set("wax+") and not isinstance(file, int)
            if writes and self._inside(file) and self._strikes():
                if self.kind == "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                raise self._error()
            return original(file, mode, *arguments, **named)

        return call

    def _error(self) -> OSError:
        number = getattr(errno, self.kind)
        return OSError(number, os.strerror(number))

    def _counts(self, name: str, first: Any, *rest: Any, **named: Any) -> bool:
        if name == "open" and not (rest and rest[0] & _WRITING):
            return False
        if name in ("write", "pwrite") and first in (1, 2):
            return False
        if isinstance(first, int):
            return self._inside(Path(f"/proc/self/fd/{first}").readlink())
        return any(named.get(key) is not None for key in ("dir_fd", "src_dir_fd")) or self._inside(
            first
        )

    def _inside(self, path: Any) -> bool:
        return os.path.abspath(path).startswith(self._folder)  # noqa: PTH100
