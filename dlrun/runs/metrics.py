"""metrics.csv: a row an epoch, in numbers that come back exactly as they were written."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

from dlrun.errors import DataError
from dlrun.runs.access import reading, writing
from dlrun.runs.atomic import append, sync


def append_row(path: Path, row: Mapping[str, float]) -> None:
    """Add a row; the first row of a file also writes the header, from its keys.

    Raises:
        ValueError: the row has other keys than the header.
        DataError: the file cannot be written; it is then as it was.
    """
    header = ""
    if path.exists() and path.stat().st_size:
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
    names = _header(path)
    with reading(path):
        text = path.read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(text[: text.rfind("\n") + 1])))[1:]
    columns: dict[str, list[float]] = {name: [] for name in names}
    for number, cells in enumerate(rows, start=2):
        if len(cells) != len(names):
            raise DataError(f"{path}:{number}: {len(cells)} cells, expected {len(names)}")
        for name, cell in zip(names, cells, strict=True):
            try:
                columns[name].append(float(cell))
            except ValueError:
                raise DataError(
                    f"{path}:{number}: '{cell}' in column '{name}' is no number"
                ) from None
    return columns


def mark(path: Path) -> dict[str, Any]:
    """How long the file is now, and its SHA-256; what it holds is on the disk then.

    Raises:
        DataError: it cannot be read or brought to the disk.
    """
    content = b""
    if path.exists():
        sync(path)
        with reading(path):
            content = path.read_bytes()
    return _digest(content)


def check(path: Path, mark: Mapping[str, Any]) -> None:
    """Make sure that what stood in the file at a mark still does.

    Raises:
        DataError: it does not.
    """
    content = b""
    if path.exists():
        with reading(path):
            content = path.read_bytes()
    if _digest(content[: int(mark["size"])]) != mark:
        raise DataError(
            f"{path}: its first {mark['size']} bytes are not those that the checkpoint is about; "
            "the file is broken or was changed"
        )


def cut(path: Path, mark: Mapping[str, Any] | None) -> None:
    """Take away the rows that came behind a mark; all of them where it is None.

    It takes no space on a disk that is full, and happens or does not.

    Raises:
        DataError: the file cannot be written.
    """
    size = 0 if mark is None else int(mark["size"])
    if path.exists() and path.stat().st_size > size:
        with writing(path):
            os.truncate(path, size)
        sync(path)


def _digest(content: bytes) -> dict[str, Any]:
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _header(path: Path) -> list[str]:
    with reading(path), path.open(encoding="utf-8", newline="") as file:
        line = file.readline()
    if not line.endswith("\n"):
        raise DataError(f"{path}:1: the header is cut off; the file is broken")
    return next(csv.reader([line]))


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _exact(value: float) -> str:
    """The shortest decimal that reads back as the same number."""
    return repr(int(value) if isinstance(value, Integral) else float(value))
