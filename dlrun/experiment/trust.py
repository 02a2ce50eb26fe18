"""Which Python files the user has allowed to run: a list of the SHA-256 of their contents.

The list is ``trusted-plugins`` in ``$XDG_CONFIG_HOME/dlrun`` or ``~/.config/dlrun``.  Each line has
a SHA-256 and, for people, the path of the file.  The list is used only if no one except this user
and root can have written it.
"""

from __future__ import annotations

import os
from pathlib import Path

from dlrun import caches
from dlrun.errors import DataError
from dlrun.files import read_bytes
from dlrun.printable import printable


def store() -> Path | None:
    """The path of the list, which may not exist; None if the user has no home."""
    config = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    try:
        root = config if config.is_absolute() else Path.home() / ".config"
    except RuntimeError:  # the system has no entry for the user
        return None
    return root / "dlrun" / "trusted-plugins"


def is_trusted(checksum: str) -> bool:
    """Whether a SHA-256 is listed.

    Raises:
        DataError: the list cannot be read, or another user could have written it.
    """
    path = store()
    try:
        if path is None or not path.exists():
            return False
        _need_own(path)
        lines = read_bytes(path, follow=False).decode(errors="replace").splitlines()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    return any(line.partition(" ")[0] == checksum for line in lines)


def record(file: Path, checksum: str) -> Path:
    """Add a file to the list.

    Args:
        file: its path.
        checksum: SHA-256 of its content, in hexadecimal.

    Returns:
        The list.

    Raises:
        DataError: it cannot be written, or another user could have written it.
    """
    path = store()
    if path is None:
        raise DataError("cannot list trusted files: the user has no home directory")
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        caches.make(path.parent)
        with os.fdopen(os.open(path, flags, 0o600), "ab") as list_:
            _need_own(path)
            list_.write(f"{checksum}  {printable(str(file))}\n".encode())
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror}") from error
    return path


def _need_own(path: Path) -> None:
    """Check that only this user and root can write a file.

    Raises:
        DataError: another user can write it.
        OSError: its permissions cannot be read.
    """
    other = caches.stranger(path)
    if other is not None:
        raise DataError(
            f"{path}: not used, because other users can write {other}; run chmod go-w {other}"
        )
