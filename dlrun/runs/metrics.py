"""metrics.csv: a row an epoch, in numbers that come back exactly as they were written."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

from dlrun.errors import DataError
from dlrun.files import open_regular
from dlrun.runs import atomic
from dlrun.runs.access import LARGEST, present, read_bytes, read_text, reading
from dlrun.runs.atomic import append, sync

_LONGEST = 2**20
"""Bytes that the header may have."""


def append_row(path: Path, row: Mapping[str, float]) -> None:
    """Add a row; the first row of a file also writes the header, from its keys.

    Raises:
        ValueError: the row has other keys than the header.
        DataError: the file cannot be written; it is then as it was.
    """
    header = ""
    if present(path) and path.lstat().st_size:
        columns = _header(path)
        if list(row) != columns:
            raise ValueError(f"a row of {list(row)} does not fit the columns {columns} of {path}")
    else:
        header = _line(list(row))
    append(path, header + _line([_exact(value) for value in row.values()]))


def read_columns(path: Path) -> dict[str, list[float]]:
    """The columns by name, each with one number a row.

    A last row that was cut off (no line end) is left out: a crash cut it, or it is being written.

    Raises:
        DataError: the file is missing, or a row has too few or too many cells or one that is no
            number; the message names file and line.
    """
    names, text = _header(path), read_text(path, LARGEST)
    rows = _cells(path, text[: text.rfind("\n") + 1])[1:]
    columns: dict[str, list[float]] = {name: [] for name in names}
    for number, cells in enumerate(rows, start=2):
        if len(cells) != len(names):
            raise DataError(f"{path}:{number}: {len(cells)} cells, expected {len(names)}")
        for name, cell in zip(names, cells, strict=True):
            try:
                columns[name].append(float(cell))
            except ValueError:
                raise DataError(
                    f"{path}:{number}: '{cell[:40]}' in column '{name[:40]}' is not a number"
                ) from None
    return columns


def mark(path: Path, rows: int | None = None) -> dict[str, Any]:
    """How long the file is now, and its SHA-256; what it holds is on the disk then.

    Args:
        path: of the file; one that is not there is empty.
        rows: how many of the first ones count; None is all.

    Raises:
        DataError: it cannot be read or brought to the disk.
    """
    content = b""
    if present(path):
        sync(path)
        content = read_bytes(path, LARGEST)
    if rows is not None:
        content = b"".join(content.splitlines(keepends=True)[: rows + 1 if rows else 0])
    return _digest(content)


def check(path: Path, mark: Mapping[str, Any]) -> None:
    """Make sure that what stood in the file at a mark still does.

    Raises:
        DataError: it does not.
    """
    content = read_bytes(path, LARGEST) if present(path) else b""
    if _digest(content[: _size(mark)]) != mark:
        raise DataError(
            f"{path}: its first {mark['size']} bytes are not those that the checkpoint is about; "
            "the file is broken or was changed"
        )


def cut(path: Path, mark: Mapping[str, Any] | None) -> None:
    """Take away the rows that came behind a mark; all of them where it is None.

    Raises:
        DataError: the file cannot be written.
    """
    if present(path):
        atomic.cut(path, 0 if mark is None else _size(mark))


def _size(mark: Mapping[str, Any]) -> int:
    """Of the file at a mark.

    Raises:
        ValueError: it is not a size.
    """
    size = mark["size"]
    if not isinstance(size, int) or size < 0:
        raise ValueError(f"{size!r} is not a size of metrics.csv")
    return size


def _digest(content: bytes) -> dict[str, Any]:
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _header(path: Path) -> list[str]:
    with reading(path), open_regular(path, follow=False) as file:
        line = file.readline(_LONGEST).decode()
    if not line.endswith("\n"):
        raise DataError(f"{path}:1: the header is cut off; the file is broken")
    return _cells(path, line)[0]


def _cells(path: Path, text: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text)))
    except csv.Error as error:
        raise DataError(f"{path}: {error}; the file is broken") from error


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _exact(value: float) -> str:
    """The shortest decimal that reads back as the same number."""
    return repr(int(value) if isinstance(value, Integral) else float(value))
