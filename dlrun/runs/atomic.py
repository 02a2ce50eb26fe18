"""Files that are whole or untouched: ``replace`` for a file, ``append`` for a line.

``replace`` writes a temporary file in the same folder, brings it to the disk and renames it, so
that a reader, or a crash, finds the old content or the new one and never a mixture (Pillai et al.,
"All file systems are not created equal", OSDI 2014).
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from dlrun.runs.access import linked, open_to_write, present, writing

_UNFINISHED = re.compile(r"\..+\.[0-9a-f]{8}\.tmp", re.DOTALL)
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


def replace(path: Path, content: bytes | str, *, inner: bool = False) -> None:
    """Give the file this content, all at once; text is written as UTF-8.

    Args:
        path: of the file; a link there is replaced and not followed.
        content: of the file.
        inner: whether its folder is one inside a run or a study, which may not be a link.

    Raises:
        DataError: it cannot be written; the old content still stands.
    """
    with staged(path, content, inner=inner):
        pass


@contextmanager
def staged(path: Path, content: bytes | str, *, inner: bool = False) -> Iterator[None]:
    """Within, the content is on the disk already, and after it the file has it; as ``replace``.

    For what has to happen between the two.  Where the block raises, the old content still stands.

    Raises:
        DataError: it cannot be written; the block was not entered, or has no say any more.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")  # as _UNFINISHED
    with opened_folder(path.parent, inner=inner) as folder:
        try:
            with writing(path):
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
                descriptor = open_to_write(temporary, flags, folder)
                try:
                    _write_all(descriptor, _encoded(content))
                    if not _HURRIED.get():
                        os.fsync(descriptor)
                finally:
                    os.close(descriptor)
            yield
            with writing(path):
                os.replace(temporary.name, path.name, src_dir_fd=folder, dst_dir_fd=folder)
                if not _HURRIED.get():
                    os.fsync(folder)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary.name, dir_fd=folder)
            raise


def sweep(path: Path, *, inner: bool = False) -> None:
    """Remove what processes that were killed left in a folder of files that they never finished.

    Only for whoever knows that no other process writes there.
    """
    if not present(path):
        return
    with opened_folder(path, inner=inner) as folder, writing(path):
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
        for name in names:
            if _UNFINISHED.fullmatch(name):
                with suppress(FileNotFoundError, IsADirectoryError):
                    os.unlink(name, dir_fd=folder)


def remove(path: Path, *, inner: bool = False) -> None:
    """Remove a file, if it is there, and bring that to the disk; see ``replace``.

    Raises:
        DataError: it cannot be removed.
    """
    with opened_folder(path.parent, inner=inner) as folder, writing(path):
        with suppress(FileNotFoundError):
            os.unlink(path.name, dir_fd=folder)
        if not _HURRIED.get():
            os.fsync(folder)


@contextmanager
def opened_folder(path: Path, *, inner: bool = False) -> Iterator[int]:
    """A descriptor of a folder, relative to which the files in it are named.

    Raises:
        DataError: it cannot be opened, or is ``inner`` and a link.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags | (os.O_NOFOLLOW if inner else 0))
    except OSError as error:
        if inner and path.is_symlink():  # Linux calls that ENOTDIR
            raise linked(path) from error
        with writing(path):
            raise
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def sync(path: Path) -> None:
    """Bring a file to the disk."""
    if _HURRIED.get():
        return
    with writing(path):
        descriptor = open_to_write(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def append(path: Path, content: bytes | str) -> None:
    """Add to the end of the file, all or nothing; text is written as UTF-8.

    Raises:
        DataError: it cannot be written, or is a link; the file is as long as before.
    """
    with writing(path):
        descriptor = open_to_write(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            add(descriptor, _encoded(content))
        finally:
            os.close(descriptor)


def add(descriptor: int, content: bytes) -> None:
    """Write to the end of an open file, all or nothing.

    Raises:
        OSError: it cannot be written; the file is as long as before.
    """
    length = os.fstat(descriptor).st_size
    try:
        _write_all(descriptor, content)
    except OSError:
        os.ftruncate(descriptor, length)
        raise


def cut(path: Path, size: int) -> None:
    """Take away what follows the first ``size`` bytes of a file, and bring that to the disk.

    It takes no space on a disk that is full, and happens or does not.

    Raises:
        DataError: it cannot be written, or is a link.
    """
    with writing(path):
        descriptor = open_to_write(path, os.O_WRONLY)
        try:
            if os.fstat(descriptor).st_size > size:
                os.truncate(descriptor, size)
                if not _HURRIED.get():
                    os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _encoded(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _write_all(descriptor: int, content: bytes) -> None:
    # One call writes everything unless the disk fills up; the next call then says so.
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
