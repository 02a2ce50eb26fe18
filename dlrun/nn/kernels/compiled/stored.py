"""Files of machine code, named by everything that the code depends on.

The name of a file contains a SHA-256 of everything that the code depends on: no file is ever
outdated, any number of processes can read and write, and a read-only folder can be used, too.

Reading machine code means running it, so only files are read that this user or root wrote, in a
folder that no one else can write to; and the first bytes of a file must be the SHA-256 of its name
and of the rest, so that a damaged file, or one under another file's name, is compiled again.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import secrets
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np

from dlrun import caches
from dlrun.files import open_regular
from dlrun.nn.kernels import machine_code
from dlrun.portable import CODE_SETTINGS

_FORMAT = 3
"""Version of the file format; it is part of the names."""
_VERSIONS = (_FORMAT, sys.version, numba.__version__, llvmlite.__version__, np.__version__)
_DIGEST_SIZE = hashlib.sha256().digest_size


def versions_digest() -> Any:
    """A new SHA-256 of the versions and settings that all machine code depends on."""
    set_here = {name: os.environ[name] for name in CODE_SETTINGS if name in os.environ}
    return hashlib.sha256(repr((*_VERSIONS, *set_here.items())).encode())


@cache
def source_text(module: str) -> str:
    """The source of an imported module."""
    return inspect.getsource(sys.modules[module])


class Stored:
    """A file of machine code, which may not exist.

    Args:
        name: of the kernel, for people.
        checksum: SHA-256 of everything that the code depends on, as an object of ``hashlib``.
    """

    def __init__(self, name: str, checksum: Any) -> None:
        self.file = f"{name}-{checksum.hexdigest()[:32]}"

    def exists(self) -> bool:
        """Whether there is such a file; ``read`` may still find that it is damaged."""
        folder = machine_code.trusted_folder()
        return folder is not None and (folder / self.file).is_file()

    def read(self) -> bytes | None:
        """The content as it was written; None if it is missing, damaged or could be another's."""
        folder = machine_code.trusted_folder()
        if folder is None:
            return None
        with suppress(Exception):
            return read(folder / self.file)
        return None

    def write(self, content: bytes) -> None:
        """Store the content, if the folder is writable."""
        folder = machine_code.folder()
        if folder is None:
            return
        with suppress(OSError):
            caches.make(folder)
            if machine_code.trusted_folder() is not None:
                _write(folder / self.file, content)


def _sealed(name: str, content: bytes) -> bytes:
    """The SHA-256 of a file's name and content."""
    return hashlib.sha256(name.encode() + b"\0" + content).digest()


def read(path: Path) -> bytes:
    """The content of a file as it was written.

    Raises:
        DataError, OSError: it is missing, or not a regular file.
        ValueError: it is damaged, or another user could have written it.
    """
    with open_regular(path, follow=False) as file:
        if caches.foreign(os.fstat(file.fileno())):
            raise ValueError(f"{path}: another user could have written it")
        seal, content = file.read(_DIGEST_SIZE), file.read()
    if seal != _sealed(path.name, content):
        raise ValueError(f"{path}: damaged")
    return content


def _write(path: Path, content: bytes) -> None:
    """Write a file that no one else can write to, atomically.

    Raises:
        OSError: it cannot be written.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as file:
            file.write(_sealed(path.name, content) + content)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
