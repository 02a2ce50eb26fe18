"""metrics.csv: one row per epoch, with numbers that are read exactly as they were written."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from numbers import Integral
from pathlib import Path

from dlrun.errors import DataError
from dlrun.files import open_regular
from dlrun.run_directory.access import LARGEST, present, read_text, reading
from dlrun.run_directory.atomic import append
from dlrun.run_directory.counts import is_count

_LONGEST = 2**20
"""Maximum bytes of the header."""
_COUNTS = frozenset(("epoch", "step"))
"""Columns that are not scores, with which programs count."""


def append_row(path: Path, row: Mapping[str, float]) -> None:
    """Add a row; the first row of a file also writes the header, from its keys.

    Raises:
        ValueError: the row has other keys than the header.
        DataError: the file cannot be written; it is unchanged.
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
    """The columns by name, each with one number per row.

    A last row without its line end is skipped: it was cut off by a crash, or is being written.

    Raises:
        DataError: the file is missing, or a row has too few or too many cells or one that is not a
            number, or for an epoch or a step not a count; the message contains file and line.
    """
    names = _header(path)
    return _columns(path, names, read_text(path, LARGEST))


def columns_of(text: str, path: Path) -> dict[str, list[float]]:
    """The columns in the text of such a file; see ``read_columns``.

    Args:
        text: from an untrusted source.
        path: the file, for messages.
    """
    return _columns(path, _first_line(path, text[:_LONGEST]), text)


def need(columns: Container[str], names: Iterable[str], path: Path) -> None:
    """Check that a file has columns.

    Raises:
        DataError: it lacks one of these names.
    """
    for name in names:
        if name not in columns:
            raise DataError(f"{path}: column '{name}' is missing; the file is broken")


def _columns(path: Path, names: Sequence[str], text: str) -> dict[str, list[float]]:
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
    for name in _COUNTS & columns.keys():
        _need(columns[name], _is_count, path, f"a count in column '{name}'")
    if "seconds" in columns:
        _need(columns["seconds"], math.isfinite, path, "a time in column 'seconds'")
    return columns


def _need(values: Sequence[float], fits: Callable[[float], bool], path: Path, what: str) -> None:
    for number, value in enumerate(values, start=2):
        if not fits(value):
            raise DataError(f"{path}:{number}: {value} is not {what}; the file is broken")


def _is_count(value: float) -> bool:
    return value.is_integer() and is_count(int(value))


def _header(path: Path) -> list[str]:
    with reading(path), open_regular(path, follow=False) as file:
        return _first_line(path, file.readline(_LONGEST).decode())


def _first_line(path: Path, text: str) -> list[str]:
    line, end, _ = text.partition("\n")
    if not end:
        raise DataError(f"{path}:1: the header is cut off; the file is broken")
    names = _cells(path, line + end)[0]
    if not names or len({*names}) < len(names):
        what = "two columns have the same name" if names else "the header is empty"
        raise DataError(f"{path}:1: {what}; the file is broken")
    return names


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
    """The shortest decimal that is read as the same number."""
    return repr(int(value) if isinstance(value, Integral) else float(value))
