"""Files of time series as the UCR and UEA archives have them: from text to series and labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dlrun.arrays import Array
from dlrun.data.delimited import read_text
from dlrun.data.labels import class_name, whole_number
from dlrun.data.numerals import LARGEST, parse_number
from dlrun.errors import DataError

_MISSING = frozenset(("", "?", "nan", "na"))
_FEW = 3
"""Series whose first values may all be names of classes by chance, if there are fewer."""


class Line(NamedTuple):
    """A series.

    Attributes:
        number: of its line in the file.
        label: what it says of the series.
        values: (steps, dimensions) float64, NaN where missing.
    """

    number: int
    label: str
    values: Array


@dataclass(slots=True)
class SeriesFile:
    """What a file holds.

    Attributes:
        name: what messages call it.
        lines: its series, at least one, all of as many dimensions.
        classes: what its header says that labels may be; None where it says nothing.
        numbers: whether its header says that labels are numbers to predict.
    """

    name: str
    lines: list[Line] = field(default_factory=list)
    classes: frozenset[str] | None = None
    numbers: bool = False

    def fault(self, line: Line, what: str) -> DataError:
        """The error that says what is wrong with a series."""
        return DataError(f"{self.name}:{line.number}: {what}")


@dataclass(frozen=True, slots=True)
class Known:
    """The training data's series, by which a file of samples to predict is understood.

    Attributes:
        steps: of the longest, or those that all series are brought to.
        dimensions: of each series.
        fixed: whether longer series are cut.
        classes: names of the classes; None where labels are numbers.
    """

    steps: int
    dimensions: int
    fixed: bool
    classes: tuple[str, ...] | None


def read_series(path: Path, name: str, like: Known | None = None) -> SeriesFile:
    """Read a file of either form; a name that ends in .gz is unpacked.

    Args:
        path: the file.
        name: what messages call it.
        like: where given, labels do not count: they may be missing, unknown or not there at all.

    Raises:
        DataError: the file is missing or broken, or does not show whether it has labels; the
            message names the line.
    """
    rows = list(_rows(read_text(path, name)))
    if not rows:
        raise DataError(f"{name}: the file is empty")
    has_header = rows[0][1].startswith("@")
    found = _with_header(name, rows, like) if has_header else _plain(name, rows, like)
    if not found.lines:
        raise DataError(f"{name}: no series below @data")
    if like is None:
        _need_labels(found)
    dimensions = found.lines[0].values.shape[1]
    for line in found.lines:
        if line.values.shape[1] != dimensions:
            raise found.fault(
                line, f"{line.values.shape[1]} dimensions, the first series has {dimensions}"
            )
        if not len(line.values):
            raise found.fault(line, "a series without any value; remove it")
    return found


def _rows(text: str) -> Iterator[tuple[int, str]]:
    """Lines that say something, with their numbers."""
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip(" ")
        if stripped.strip() and not stripped.startswith(("#", "%")):
            yield number, stripped


def _plain(name: str, rows: list[tuple[int, str]], like: Known | None) -> SeriesFile:
    """A label and then values, between tabs, commas or blanks; NaN fills short series up."""
    found = SeriesFile(name)
    separator = next((each for each in ("\t", ",") if each in rows[0][1]), None)
    table = [[cell.strip() for cell in text.split(separator)] for _, text in rows]
    if like is not None and not _first_are_labels(f"{name}:{rows[0][0]}", table, like):
        table = [["", *cells] for cells in table]
    for (number, _), cells in zip(rows, table, strict=True):
        label, values = cells[0], _numbers(f"{name}:{number}", cells[1:])
        present = np.flatnonzero(~np.isnan(values))
        end = int(present[-1]) + 1 if len(present) else 0
        found.lines.append(Line(number, label, values[:end, None]))
    return found


def _first_are_labels(place: str, table: list[list[str]], like: Known) -> bool:
    """Whether the first cell of each line is a label and no value, in a file to be predicted.

    It is one where it is a word or ``?``, or where the series would be longer than any that the
    network knows.  Else names of classes say so, which values of several series mostly are not.

    Raises:
        DataError: it may be either.
    """
    firsts, others = [row[0] for row in table], [cell for row in table for cell in row[1:]]
    words = [cell for cell in firsts if parse_number(cell) is None]
    if any(cell.lower() not in _MISSING for cell in words) or len(words) == len(firsts):
        return True
    longest = max(len(row) - _missing_at_end(row) for row in table)
    if longest > like.steps and not like.fixed:
        return True
    if like.classes is not None:
        named, other = _all_names(firsts, like.classes), _all_names(others, like.classes)
        if named and not other and longest != like.steps and len(firsts) >= _FEW:
            return True
        whole = all(whole_number(cell) is not None for cell in firsts if cell not in words)
        if longest == like.steps and not named and not words and (not whole or _whole(others)):
            return False
    raise DataError(
        f"{place}: up to {longest} values a line, where the training data has series of "
        f"{like.steps}: the first may be a label or a value; begin each line with ? where there "
        "are no labels"
    )


def _missing_at_end(row: list[str]) -> int:
    return next((n for n, cell in enumerate(reversed(row)) if cell.lower() not in _MISSING), 0)


def _whole(cells: list[str]) -> bool:
    return all(whole_number(cell) is not None for cell in cells)


def _all_names(cells: list[str], classes: tuple[str, ...]) -> bool:
    """Whether cells, as far as they are not missing, are names of classes."""
    known = {*classes, *(cell for cell in cells if cell.lower() in _MISSING)}
    return all(cell in known or class_name(cell) in known for cell in cells)


def _need_labels(found: SeriesFile) -> None:
    for line in found.lines:
        if line.label.lower() in _MISSING:
            raise found.fault(line, "the label is missing; fill it in or remove the series")
        if found.classes is not None and line.label not in found.classes:
            raise found.fault(line, f"{line.label!r} is no class of the header's @classLabel")


_FLAGS = frozenset(("@timestamps", "@missing", "@univariate", "@equallength"))
_KNOWN = _FLAGS | {
    *("@problemname", "@dimensions", "@dimension", "@serieslength", "@classlabel", "@targetlabel"),
    "@data",
}


def _with_header(name: str, rows: list[tuple[int, str]], like: Known | None) -> SeriesFile:
    """The .ts form: a header of @ lines, then dimensions between colons, and the label."""
    found = SeriesFile(name)
    labelled: bool | None = None
    data = None
    for place, (number, text) in enumerate(rows):
        key, *words = text.split()
        key = key.lower()
        if key not in _KNOWN:
            shown = text if len(text) < 40 else f"{text[:40]}..."
            raise DataError(f"{name}:{number}: no line of a .ts header: {shown}")
        if key == "@data":
            data = rows[place + 1 :]
            break
        on = bool(words) and words[0].lower() == "true"
        if key == "@timestamps" and on:
            raise DataError(
                f"{name}:{number}: series with time stamps; bring them to even steps without"
            )
        if key == "@classlabel":
            labelled = bool(labelled or on)
            found.classes = frozenset(words[1:]) or None
        if key == "@targetlabel":
            labelled = bool(labelled or on)
            found.numbers = on
    if data is None:
        raise DataError(f"{name}: no @data in it; it was cut short")
    if not labelled and like is None:
        raise DataError(f"{name}: its header declares no labels; add @classLabel or @targetLabel")
    for number, text in data:
        parts = text.split(":")
        if like is not None and not _last_is_label(f"{name}:{number}", parts, labelled, like):
            parts.append("")
        if len(parts) < 2:
            raise DataError(f"{name}:{number}: no ':' before a label")
        columns = [_numbers(f"{name}:{number}", part.split(",")) for part in parts[:-1]]
        lengths = {len(column) for column in columns}
        if len(lengths) > 1:
            raise DataError(
                f"{name}:{number}: dimensions of {min(lengths)} to {max(lengths)} steps in a series"
            )
        found.lines.append(Line(number, parts[-1].strip(), np.stack(columns, axis=1)))
    return found


def _last_is_label(place: str, parts: list[str], declared: bool | None, like: Known) -> bool:
    """Whether the last part of a series is a label and no dimension, in a file to be predicted.

    Raises:
        DataError: the header says otherwise than the dimensions of the training data.
    """
    labelled = {like.dimensions: False, like.dimensions + 1: True}.get(len(parts))
    if labelled is None or (declared is not None and labelled is not declared):
        header = {None: "says nothing of labels", True: "declares labels", False: "declares none"}
        raise DataError(
            f"{place}: {len(parts)} parts between colons, where the training data has "
            f"{like.dimensions} dimensions and the header {header[declared]}"
        )
    return labelled


def _numbers(place: str, cells: list[str]) -> Array:
    """(values,) float64.

    Raises:
        DataError: one is no number, or none that float32 can hold.
    """
    values = np.empty(len(cells))
    for number, cell in enumerate(cells):
        value = parse_number(cell)
        if value is None or value != value:
            if cell.strip().lower() not in _MISSING:
                raise DataError(f"{place}: value {number + 1}: {cell.strip()!r} is not a number")
            value = np.nan
        elif abs(value) > LARGEST:
            raise DataError(
                f"{place}: value {number + 1}: {cell.strip()!r} is no finite 32-bit number"
            )
        values[number] = value
    return values
