"""Time series files of the UCR and UEA archives: from text to series and labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from dlrun.data.files.memory import need_room
from dlrun.data.files.text_file import text_lines
from dlrun.data.tables.series import MISSING, Known, Line, NumberedLine, SeriesFile
from dlrun.data.tables.series_plain import plain_lines
from dlrun.data.tables.series_ts import lines_with_header
from dlrun.errors import DataError

_VALUES = 1 << 17
"""Values in a block of a file that is read in blocks."""
_TIMES = 10
"""Memory of the lines of a file as a multiple of their text."""


def read_series(path: Path, name: str) -> SeriesFile:
    """Read a file in either format; a file whose name ends in .gz is unpacked.

    Args:
        path: the file.
        name: its name in messages.

    Raises:
        DataError: the file is missing or broken; the message names the line.
    """
    (found,) = _blocks(partial(_rows, path, name, counted=True), name, None, None)
    return found


def series_blocks(path: Path, name: str, like: Known | None = None) -> Iterator[SeriesFile]:
    """The content of ``read_series`` in blocks of consecutive series, as they are read.

    Args:
        path: the file.
        name: its name in messages.
        like: for samples to predict, whose labels may be missing, unknown or left out; else None.

    Raises:
        DataError: as ``read_series``, but blocks before the faulty line are returned first; or it
            is unclear whether the file has labels.
    """
    return _blocks(partial(_rows, path, name), name, like, _VALUES)


def _blocks(
    rows: Callable[[], Iterator[NumberedLine]], name: str, like: Known | None, most: int | None
) -> Iterator[SeriesFile]:
    """Blocks of at most ``most`` values, and at least one series; None puts all into one."""
    top = next(rows(), None)
    if top is None:
        raise DataError(f"{name}: the file is empty")
    read = lines_with_header if top[1].startswith("@") else plain_lines
    found, lines = read(name, rows, like)
    dimensions: int | None = None
    block, size = replace(found, lines=[]), 0
    for line in lines:
        if dimensions is None:
            dimensions = line.values.shape[1]
        if line.values.shape[1] != dimensions:
            raise found.error(
                line, f"{line.values.shape[1]} dimensions, but the first series has {dimensions}"
            )
        if not len(line.values):
            raise found.error(line, "a series without values; remove it")
        if like is None:
            _need_label(found, line)
        block.lines.append(line)
        size += line.values.size
        if most is not None and size >= most:
            yield block
            block, size = replace(found, lines=[]), 0
    if dimensions is None:
        raise DataError(f"{name}: no series after @data")
    if block.lines:
        yield block


def _rows(path: Path, name: str, *, counted: bool = False) -> Iterator[NumberedLine]:
    """Lines that are neither blank nor comments, with their numbers.

    Args:
        path: the file.
        name: its name in messages.
        counted: whether all of them are kept, which needs memory.
    """
    number = size = 0
    with text_lines(path, name) as texts:
        for text in texts:
            size += len(text)
            if counted:
                need_room(_TIMES * size, name)
            for line in text.splitlines():
                number += 1
                stripped = line.strip(" ")
                if stripped.strip() and not stripped.startswith(("#", "%")):
                    yield number, stripped


def _need_label(found: SeriesFile, line: Line) -> None:
    if line.label.lower() in MISSING:
        raise found.error(line, "the label is missing; fill it in or remove the series")
    if found.classes is not None and line.label not in found.classes:
        raise found.error(line, f"{line.label!r} is not listed in the header's @classLabel")
