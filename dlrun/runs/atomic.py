"""Files that are whole or untouched: ``replace`` for a file, ``append`` for a line.

``replace`` writes a temporary file in the same folder, brings it to the disk and renames it, so
that a reader, or a crash, finds the old content or the new one and never a mixture (Pillai et al.,
"All file systems are not created equal", OSDI 2014).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from dlrun.runs.access import writing

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
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    with writing(path):
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            try:
                _write_all(descriptor, _encoded(content))
                if not _HURRIED.get():
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        if not _HURRIED.get():
            _sync_folder(path.parent)


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


def _sync_folder(folder: Path) -> None:
    """Bring the folder's entry of a renamed file to the disk as well."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
