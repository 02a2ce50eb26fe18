"""Failed reads and writes as errors with the path and what to do."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dlrun import files
from dlrun.errors import DataError, MachineError, of_the_machine

LARGEST = 2**30
"""Maximum bytes of a file that grows with a run or a study, such as metrics.csv or a journal."""

_ADVICE = {
    errno.ENOSPC: "free some space or use another folder",
    errno.EDQUOT: "free some of your quota or use another folder",
    errno.EFBIG: "raise the limit on file sizes (ulimit -f)",
    errno.EIO: "the disk may be failing; check the system's log",
    errno.EROFS: "use another folder",
    errno.EACCES: "change its permissions or use another folder",
    errno.EPERM: "change its permissions or use another folder",
    errno.EMFILE: "raise the limit on open files (ulimit -n)",
    errno.ENOTDIR: "a folder of this path is a file; use another folder",
    errno.ENAMETOOLONG: "use a shorter name",
}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an OSError of the block, which writes ``path``, into a MachineError."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):  # the second is BSD's
            raise linked(path) from error
        if error.errno == errno.ENXIO:
            raise MachineError(f"{path}: is a pipe, a socket or a device; remove it") from error
        raise MachineError(_message("write", path, error)) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn an error of the block, which reads ``path`` as bytes or as UTF-8, into a DataError.

    Raises:
        MachineError: the disk fails, or permission is missing.
        DataError: any other error.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file; is the run directory complete?") from error
    except OSError as error:
        kind = MachineError if of_the_machine(error) else DataError
        raise kind(_message("read", path, error)) from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: byte {error.start} is not UTF-8; the file is broken") from error


def read_bytes(path: Path, limit: int = files.METADATA_LIMIT) -> bytes:
    """The content of a file of a run or a study, which may be from an untrusted source.

    Raises:
        DataError: it is missing, a link, a pipe or a device, or larger than ``limit``.
    """
    with reading(path):
        return files.read_bytes(path, limit=limit, follow=False)


def read_text(path: Path, limit: int = files.METADATA_LIMIT) -> str:
    """The content of such a file as UTF-8 text; see ``read_bytes``."""
    content = read_bytes(path, limit)
    with reading(path):
        return content.decode()


def present(path: Path) -> bool:
    """Whether a path exists, including as a broken link.

    Raises:
        MachineError: its folder cannot be read.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise MachineError(_message("read", path, error)) from error
    return True


def need_folder(path: Path) -> None:
    """Make sure that a folder inside a run or a study is not a link or a file, if it exists.

    Raises:
        MachineError: it is a link or a file.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise MachineError(_message("read", path, error)) from error
    if stat.S_ISLNK(mode):
        raise linked(path)
    if not stat.S_ISDIR(mode):
        raise MachineError(f"{path}: is not a folder; remove it")


def make_folder(path: Path) -> None:
    """Make a folder inside a run or a study, if it is missing.

    Raises:
        MachineError: it cannot be made, or a link or a file has its name.
    """
    try:
        path.mkdir()
    except FileExistsError:
        need_folder(path)
    except OSError as error:
        raise MachineError(_message("write", path, error)) from error


def open_to_write(path: Path, flags: int, folder: int | None = None) -> int:
    """A descriptor of a regular file that is written in place; no link is followed.

    Args:
        path: of the file.
        flags: for ``os.open``.
        folder: a descriptor of the folder in which the file's name is looked up; None to use the
            whole path.

    Raises:
        MachineError: it is a pipe or a device.
        OSError: it cannot be opened; ``writing`` recognizes the error for a link.
    """
    careful = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    name = path if folder is None else path.name
    descriptor = os.open(name, flags | careful, 0o666, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise MachineError(f"{path}: is not a regular file but a pipe or a device; remove it")
    return descriptor


def linked(path: Path) -> MachineError:
    """The error for a link instead of a file or folder of a run or a study."""
    return MachineError(
        f"{path}: is a symbolic link, which is not followed inside a run or a study; remove it, or "
        "replace it with its target"
    )


def _message(verb: str, path: Path, error: OSError) -> str:
    what = (error.strerror or str(error)).lower()
    advice = _ADVICE.get(error.errno or 0)
    return f"{path}: cannot {verb} it: {what}" + (f"; {advice}" if advice else "")
