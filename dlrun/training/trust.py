"""Which Python files their user has allowed to run: a list of SHA-256 digests of their contents.

It is ``trusted-plugins`` in ``$XDG_CONFIG_HOME/dlrun``, or in ``~/.config/dlrun``: a digest and the
path of the file, for people to read, on each line.  Only a list counts that nobody but this user
and root can have written.
"""

from __future__ import annotations

import os
from pathlib import Path

from dlrun import caches
from dlrun.errors import DataError
from dlrun.files import read_bytes
from dlrun.printable import printable


def store() -> Path | None:
    """The file of the list, which need not exist; None where the user has no home."""
    config = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    try:
        root = config if config.is_absolute() else Path.home() / ".config"
    except RuntimeError:  # a user whom the system does not know
        return None
    return root / "dlrun" / "trusted-plugins"


def is_trusted(digest: str) -> bool:
    """Whether a digest is listed.

    Raises:
        DataError: there is a list that cannot be read, or that another user could have written.
    """
    path = store()
    try:
        if path is None or not path.exists():
            return False
        _need_own(path)
        lines = read_bytes(path, follow=False).decode(errors="replace").splitlines()
    except OSError as fault:
        raise DataError(f"{path}: cannot be read: {fault.strerror}") from fault
    return any(line.partition(" ")[0] == digest for line in lines)


def record(file: Path, digest: str) -> Path:
    """Add a digest to the list.

    Args:
        file: whose content it is of.
        digest: SHA-256, in hexadecimal.

    Returns:
        The list.

    Raises:
        DataError: it cannot be written, or another user could have written it.
    """
    path = store()
    if path is None:
        raise DataError("the user has no home, so there is no list of trusted files")
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        caches.make(path.parent)
        with os.fdopen(os.open(path, flags, 0o600), "ab") as list_:
            _need_own(path)
            list_.write(f"{digest}  {printable(str(file))}\n".encode())
    except OSError as fault:
        raise DataError(f"{path}: cannot be written: {fault.strerror}") from fault
    return path


def _need_own(path: Path) -> None:
    """Check that only this user and root can write a file.

    Raises:
        DataError: somebody else can.
        OSError: it cannot be looked at.
    """
    other = caches.stranger(path)
    if other is not None:
        raise DataError(
            f"{path}: is not used, because other users can write {other}; chmod go-w {other}"
        )
