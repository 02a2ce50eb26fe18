"""Atomic writes, all or nothing: ``replace`` for a file, ``append`` for a line.

``replace`` writes a temporary file in the same folder, syncs it to the disk and renames it, so that
a reader sees, and a crash leaves, either the old content or the new one and never a mixture (Pillai
et al., "All file systems are not created equal", OSDI 2014).
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from dlrun.run_directory.access import (
    LARGEST,
    linked,
    open_to_write,
    present,
    read_bytes,
    writing,
)

_UNFINISHED = re.compile(r"\..+\.[0-9a-f]{8}\.tmp", re.DOTALL)
_HURRIED = ContextVar("hurried", default=False)


@contextmanager
def hurried() -> Iterator[None]:
    """Within the block, files are not synced to the disk.

    Writes remain atomic, however the process ends.  But a power cut may lose the writes of the last
    seconds.
    """
    token = _HURRIED.set(True)
    try:
        yield
    finally:
        _HURRIED.reset(token)


Part = bytes | str | memoryview
Content = bytes | str | Iterable[Part]
"""The content of a file, as a whole or in parts; text is written as UTF-8."""


def replace(path: Path, content: Content, *, inner: bool = False) -> None:
    """Replace the content of a file atomically.

    Args:
        path: of the file; an existing link is replaced and not followed.
        content: of the file; if making a part raises, that is raised and the file is unchanged.
        inner: whether its folder is inside a run or a study, so that it must not be a link.

    Raises:
        DataError: it cannot be written; the old content is unchanged.
    """
    with staged(path, content, inner=inner):
        pass


@contextmanager
def staged(path: Path, content: Content, *, inner: bool = False) -> Iterator[None]:
    """Replace the content of a file in two steps, around the block; arguments as of ``replace``.

    The new content is on the disk when the block begins, and the file is renamed after it.  If the
    block raises, the old content is unchanged.

    Raises:
        DataError: it cannot be written, before the block or after it.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")  # as _UNFINISHED
    with opened_folder(path.parent, inner=inner) as folder:
        try:
            with writing(path):
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
                descriptor = open_to_write(temporary, flags, folder)
            try:
                for part in parts_of(content):
                    with writing(path):
                        write_all(descriptor, encoded(part))
                with writing(path):
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
    """Remove the temporary files that killed processes left in a folder.

    No other process may write to the folder at the same time.
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
    """Remove a file if it exists, and sync that to the disk; see ``replace``.

    Raises:
        DataError: it cannot be removed.
    """
    with opened_folder(path.parent, inner=inner) as folder, writing(path):
        try:
            os.unlink(path.name, dir_fd=folder)
        except FileNotFoundError:
            return
        if not _HURRIED.get():
            os.fsync(folder)


@contextmanager
def opened_folder(path: Path, *, inner: bool = False) -> Iterator[int]:
    """A descriptor of a folder, relative to which its files can be opened.

    Raises:
        DataError: it cannot be opened, or it is a link and ``inner`` is set.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags | (os.O_NOFOLLOW if inner else 0))
    except OSError as error:
        if inner and path.is_symlink():  # on Linux the error is ENOTDIR
            raise linked(path) from error
        with writing(path):
            raise
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def sync(path: Path) -> None:
    """Sync a file to the disk."""
    if _HURRIED.get():
        return
    with writing(path):
        descriptor = open_to_write(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def append(path: Path, content: bytes | str) -> None:
    """Add to the end of a file, all or nothing; text is written as UTF-8.

    Raises:
        DataError: it cannot be written or is a link; its length is unchanged.
    """
    with writing(path):
        descriptor = open_to_write(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            add(descriptor, encoded(content))
        finally:
            os.close(descriptor)


def add(descriptor: int, content: bytes | memoryview) -> None:
    """Write to the end of an open file, all or nothing.

    Raises:
        OSError: it cannot be written; its length is unchanged.
    """
    length = os.fstat(descriptor).st_size
    try:
        write_all(descriptor, content)
    except OSError:
        os.ftruncate(descriptor, length)
        raise


def cut_unfinished_line(path: Path) -> None:
    """Cut off a last line without its line end, which was being written when a process was killed.

    Raises:
        DataError: the file cannot be read or written, or is a link.
    """
    cut(path, read_bytes(path, LARGEST).rfind(b"\n") + 1)


def cut(path: Path, size: int) -> None:
    """Cut a file to its first ``size`` bytes, atomically, and sync that to the disk.

    It also works on a full disk.

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


def parts_of(content: Content) -> Iterable[Part]:
    """The parts of a content, which may be a single one."""
    return (content,) if isinstance(content, bytes | str) else content


def encoded(content: Part) -> bytes | memoryview:
    """The bytes of a part."""
    return content.encode() if isinstance(content, str) else content


def write_all(descriptor: int, content: bytes | memoryview) -> None:
    """Write to an open file; OSError if not everything can be written."""
    # One call writes everything unless the disk becomes full; then the next call fails.
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
