"""Time series as plain lines of a label and values, without a header."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from dlrun.data.labels import class_name, whole_number
from dlrun.data.numerals import parse_number
from dlrun.data.tables.series import MISSING, Known, Line, NumberedLine, SeriesFile, numbers_of
from dlrun.errors import DataError

_FEW = 3
"""Minimum number of series whose first values are unlikely to be class names by chance."""


def plain_lines(
    name: str, rows: Callable[[], Iterator[NumberedLine]], like: Known | None
) -> tuple[SeriesFile, Iterator[Line]]:
    """A label and then values, separated by tabs, commas or blanks; short series end in NaN.

    Args:
        name: of the file in messages.
        rows: reads its lines; a file to predict is read twice.
        like: as for ``series_blocks``.

    Returns:
        The file without series, and the series as they are read.
    """
    first, top = next(rows())
    separator = next((each for each in ("\t", ",") if each in top), None)

    def table() -> Iterator[tuple[int, list[str]]]:
        for number, text in rows():
            yield number, [cell.strip() for cell in text.split(separator)]

    labels = like is None or _first_are_labels(f"{name}:{first}", table(), like)
    return SeriesFile(name), _lines(name, table(), labels=labels)


def _lines(name: str, table: Iterator[tuple[int, list[str]]], *, labels: bool) -> Iterator[Line]:
    for number, cells in table:
        if not labels:
            cells = ["", *cells]
        label, values = cells[0], numbers_of(f"{name}:{number}", cells[1:])
        present = np.flatnonzero(~np.isnan(values))
        end = int(present[-1]) + 1 if len(present) else 0
        yield Line(number, label, values[:end, None])


@dataclass(slots=True)
class _Firsts:
    """What the first and the other cells of all lines are.

    Attributes:
        classes: names of the classes of the training data.
        lines: number of lines.
        words: number of first cells that are not numbers.
        labels: whether one of these is not a sign of a missing value.
        longest: cells of the longest line, without missing ones at its end.
        named: whether all first cells are names of classes or missing.
        others_named: whether all other cells are.
        whole: whether all first cells that are numbers are whole ones.
        others_whole: whether all other cells are whole numbers.
    """

    classes: tuple[str, ...]
    lines: int = 0
    words: int = 0
    labels: bool = False
    longest: int = 0
    named: bool = True
    others_named: bool = True
    whole: bool = True
    others_whole: bool = True

    def add(self, cells: list[str]) -> None:
        """Take a line into account."""
        first, others = cells[0], cells[1:]
        self.lines += 1
        if parse_number(first) is None:
            self.words += 1
            self.labels = self.labels or first.lower() not in MISSING
        else:
            self.whole = self.whole and whole_number(first) is not None
        self.longest = max(self.longest, len(cells) - _missing_at_end(cells))
        self.named = self.named and _all_names([first], self.classes)
        self.others_named = self.others_named and _all_names(others, self.classes)
        self.others_whole = self.others_whole and _whole(others)


def _first_are_labels(place: str, table: Iterator[tuple[int, list[str]]], like: Known) -> bool:
    """Whether the first cell of each line is a label instead of a value, in a file to predict.

    It is a label if it is a word or ``?``, or if the series would be longer than the training
    series.  Otherwise it is a label if all first cells are names of classes, which values of
    several series rarely are.

    Raises:
        DataError: both are possible.
    """
    found = _Firsts(like.classes or ())
    for _, cells in table:
        found.add(cells)
        if found.labels or (found.longest > like.steps and not like.fixed):
            return True
    if found.words == found.lines:
        return True
    if like.classes is not None:
        equal = found.longest == like.steps
        if found.named and not found.others_named and not equal and found.lines >= _FEW:
            return True
        numbers = equal and not found.named and not found.words
        if numbers and (not found.whole or found.others_whole):
            return False
    raise DataError(
        f"{place}: up to {found.longest} values per line, but the training data has series of "
        f"{like.steps}: the first value may be a label; begin each line with ? if "
        "labels are missing"
    )


def _missing_at_end(row: list[str]) -> int:
    return next((n for n, cell in enumerate(reversed(row)) if cell.lower() not in MISSING), 0)


def _whole(cells: list[str]) -> bool:
    return all(whole_number(cell) is not None for cell in cells)


def _all_names(cells: list[str], classes: tuple[str, ...]) -> bool:
    """Whether all cells are names of classes or missing."""
    known = {*classes, *(cell for cell in cells if cell.lower() in MISSING)}
    return all(cell in known or class_name(cell) in known for cell in cells)
