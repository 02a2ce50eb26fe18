"""Lines of a table in a text file."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

from dlrun.errors import DataError
from dlrun.files import read_bytes


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The non-empty lines without comments, in NFC, with their line numbers.

    Args:
        path: a file of UTF-8 text; ``#`` starts a comment.

    Raises:
        DataError: it cannot be read, is not a regular file, or is larger than 64 MiB.
    """
    try:
        text = read_bytes(path).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        place = error.object.count(b"\n", 0, error.start) + 1
        raise DataError(f"{path}:{place}: not UTF-8 text; save the file as UTF-8") from error
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from error
    for number, line in enumerate(text.split("\n"), start=1):
        said = unicodedata.normalize("NFC", line.partition("#")[0].strip())
        if said:
            yield number, said
