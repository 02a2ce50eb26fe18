"""metrics.csv: a row an epoch, in numbers that come back exactly as they were written."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from numbers import Integral
from pathlib import Path

from dlrun.errors import DataError
from dlrun.runs.access import reading
from dlrun.runs.atomic import append, replace


def append_row(path: Path, row: Mapping[str, float]) -> None:
    """Add a row; the first row of a file also writes the header, from its keys.

    Raises:
        ValueError: the row has other keys than the header.
        DataError: the file cannot be written; it is then as it was.
    """
    header = ""
    if path.exists():
        columns = _header(path)
        if list(row) != columns:
            raise ValueError(f"a row of {list(row)} does not fit the columns {columns} of {path}")
    else:
        header = _line(list(row))
    append(path, header + _line([_exact(value) for value in row.values()]))


def keep_rows(path: Path, count: int) -> None:
    """Take out all rows behind the first ``count``; a file that is not there has none.

    Raises:
        DataError: the file cannot be read or written; it is then as it was.
    """
    if path.exists():
        with reading(path):
            lines = path.read_bytes().splitlines(keepends=True)
        replace(path, b"".join(lines[: count + 1]))


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
                    f"{path}:{number}: '{cell}' in column '{name}' is no number"
                ) from None
    return columns


def _header(path: Path) -> list[str]:
    with reading(path), path.open(encoding="utf-8", newline="") as file:
        line = file.readline()
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
