"""UTF-8 text files, read as a whole or line by line."""

from __future__ import annotations

import csv
import gzip
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from dlrun.data.files.input_file import opened, unpacked
from dlrun.data.files.memory import memory, need_room
from dlrun.data.files.other_formats import binary_format
from dlrun.errors import DataError

_File = BinaryIO | gzip.GzipFile

_TIMES = 10
"""Memory of a table of text as a multiple of its file: each cell is a Python object."""


def read_text(path: Path, name: str) -> str:
    """Read a UTF-8 text file, unpacked if its name ends in .gz.

    Args:
        path: the file.
        name: its name in messages.

    Raises:
        DataError: the file is missing or broken; the message names the line.
    """
    return _decoded(_read_bytes(path, name), name, 1)


@contextmanager
def text_lines(path: Path, name: str) -> Iterator[Iterator[str]]:
    """The lines of the text that ``read_text`` returns, with their ends, as they are read.

    Raises:
        DataError: as ``read_text``, when the faulty line is reached.
    """
    with opened(path, name) as file:
        if path.suffix == ".gz":
            with gzip.GzipFile(fileobj=file) as packed:
                yield _lines(packed, name)
        else:
            yield _lines(file, name)


def _lines(file: _File, name: str) -> Iterator[str]:
    longest = max(1, memory() // (2 * _TIMES))
    if longest > csv.field_size_limit():  # a global limit, which is low at first
        csv.field_size_limit(longest)
    number = 1
    try:
        while content := file.readline(longest):
            if len(content) == longest:
                need_room(_TIMES * (longest + 1), name)
            yield from io.StringIO(_decoded(content, name, number), newline="")
            number += 1
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{name}: broken gzip file: {error}") from error


def _read_bytes(path: Path, name: str) -> bytes:
    with opened(path, name) as file:
        if path.suffix == ".gz":
            return unpacked(file, name, _TIMES)
        need_room(_TIMES * os.fstat(file.fileno()).st_size, name)
        return file.read()


def _decoded(content: bytes, name: str, first: int) -> str:
    """The text of some lines; ``first`` is the number of the first one."""
    known = binary_format(content[:16]) if first == 1 else ""
    try:
        text = content.decode("utf-8-sig" if first == 1 else "utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + first
        what = f", but {known}" if known else "; save the file as UTF-8"
        raise DataError(f"{name}:{line}: not UTF-8 text{what}") from error
    zero = text.find("\0")
    if zero >= 0:
        line = text.count("\n", 0, zero) + first
        what = (
            f"not UTF-8 text, but {known}" if known else "a zero byte; save the file as UTF-8 text"
        )
        raise DataError(f"{name}:{line}: {what}")
    return text
