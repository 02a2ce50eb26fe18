"""Files that are whole or untouched: ``replace`` for a file, ``append`` for a line.

``replace`` writes a temporary file in the same folder, brings it to the disk and renames it, so
that a reader, or a crash, finds the old content or the new one and never a mixture (Pillai et al.,
"All file systems are not created equal", OSDI 2014).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from dlrun.runs.access import writing

_TEMPORARY = ".tmp"
_HURRIED = ContextVar("hurried", default=False)


@contextmanager
def hurried() -> Iterator[None]:
    """Within, it is left to the system when files come to the disk.

    They are whole or untouched all the same, however the process ends.  But a machine that loses
    its power may lose what was written in the last seconds.
    """
    token = _HURRIED.set(True)
    try:
        yield
    finally:
        _HURRIED.reset(token)


def replace(path: Path, content: bytes | str) -> None:
    """Give the file this content, all at once; text is written as UTF-8.

    Raises:
        DataError: it cannot be written; the old content still stands.
    """
    with staged(path, content):
        pass


@contextmanager
def staged(path: Path, content: bytes | str) -> Iterator[None]:
    """Within, the content is on the disk already, and behind it the file has it; as ``replace``.

    For what has to happen between the two.  Where the block raises, the old content still stands.

    Raises:
        DataError: it cannot be written; the block was not entered, or has no say any more.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_TEMPORARY}")
    try:
        with writing(path):
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            try:
                _write_all(descriptor, _encoded(content))
                if not _HURRIED.get():
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
        yield
        with writing(path):
            temporary.replace(path)
            sync(path.parent)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def sweep(folder: Path) -> None:
    """Remove what processes that were killed left of files that they never finished.

    Only for whoever knows that no other process writes there.
    """
    for left in folder.glob(f".*{_TEMPORARY}"):
        with writing(left):
            left.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Bring a file, or a folder's entries, to the disk."""
    if _HURRIED.get():
        return
    with writing(path):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def append(path: Path, content: bytes | str) -> None:
    """Add to the end of the file, all or nothing; text is written as UTF-8.

    Raises:
        DataError: it cannot be written; the file is as long as before.
    """
    with writing(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            length = os.fstat(descriptor).st_size
            try:
                _write_all(descriptor, _encoded(content))
            except OSError:
                os.ftruncate(descriptor, length)
                raise
        finally:
            os.close(descriptor)


def _encoded(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _write_all(descriptor: int, content: bytes) -> None:
    # One call writes everything unless the disk fills up; the next call then says so.
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
