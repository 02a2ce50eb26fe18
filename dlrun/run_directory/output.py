"""Files that the user names for output, outside of runs and studies.

Links are followed.  A regular file is replaced atomically; into a pipe or a device, such as
``/dev/null``, the content is written.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from dlrun.errors import DataError, InputError
from dlrun.run_directory.access import writing
from dlrun.run_directory.atomic import Content, encoded, parts_of, replace, write_all


def write_output(path: Path, content: Content) -> None:
    """Write a file that the user has named.

    Args:
        path: of the file.
        content: of the file; if making a part raises, that is raised, and a regular file is
            unchanged.

    Raises:
        DataError: it cannot be written; a regular file is unchanged.
    """
    if not _is_special(path):
        replace(_followed(path), content)
        return
    with writing(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        for part in parts_of(content):
            with writing(path):
                write_all(descriptor, encoded(part))
    finally:
        os.close(descriptor)


def replaceable(path: Path) -> Path:
    """The regular file, which need not exist, that takes the place of one that the user has named.

    Raises:
        DataError: it is a pipe or a device.
    """
    if _is_special(path):
        raise DataError(f"{path}: a pipe or a device; name a file")
    return _followed(path)


def png_file(path: Path, option: str) -> Path:
    """The file to which a picture is written; see ``replaceable``.

    Args:
        path: as the user has named it.
        option: by which it was named, for messages.

    Raises:
        InputError: its name is not that of a PNG file, so that it may be another file by mistake.
        DataError: it is a pipe or a device.
    """
    if path.suffix.lower() != ".png":
        raise InputError(f"{option} {path}: not a PNG file; end its name in .png")
    return replaceable(path)


def need_other(out: Path, *files: str | Path) -> None:
    """Check that output does not replace a file that it is made from.

    Args:
        out: the file to write.
        files: those that are read.

    Raises:
        DataError: it does.
    """
    try:
        written = out.stat()
    except OSError:
        return
    for file in files:
        try:
            same = os.path.samestat(written, Path(file).stat())
        except OSError:
            continue
        if same:
            raise DataError(f"{out}: is the file that is read; write to another one")


def need_outside(out: Path, *folders: Path) -> None:
    """Check that output does not replace a file in a folder from which samples are read.

    Raises:
        DataError: it does.
    """
    if not out.exists():
        return
    for folder in folders:
        if folder.resolve() in out.resolve().parents:
            raise DataError(f"{out}: is in {folder}, which is read; write to another file")


def _is_special(path: Path) -> bool:
    """Whether a path, after its links, is neither a regular file nor a folder nor nothing."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _followed(path: Path) -> Path:
    return Path(os.path.realpath(path)) if path.is_symlink() else path
