"""Time series with labels, as a file holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from dlrun.arrays import Array
from dlrun.data.numerals import LARGEST, parse_number
from dlrun.errors import DataError

NumberedLine = tuple[int, str]
"""The number of a line in its file, from 1, and its text."""

MISSING = frozenset(("", "?", "nan", "na"))


class Line(NamedTuple):
    """A series.

    Attributes:
        number: its line in the file.
        label: the label, as text.
        values: (steps, dimensions) float64, NaN where missing.
    """

    number: int
    label: str
    values: Array


@dataclass(slots=True)
class SeriesFile:
    """The contents of a file, or of a part of it.

    Attributes:
        name: its name in messages.
        lines: its series, at least one, all with the same number of dimensions.
        classes: the labels that its header lists; None if it lists none.
        numbers: whether its header declares regression targets.
    """

    name: str
    lines: list[Line] = field(default_factory=list)
    classes: frozenset[str] | None = None
    numbers: bool = False

    def error(self, line: Line, what: str) -> DataError:
        """The error for a series, with its line."""
        return DataError(f"{self.name}:{line.number}: {what}")


@dataclass(frozen=True, slots=True)
class Known:
    """Properties of the training data, which are needed to interpret a file without labels.

    Attributes:
        steps: length of the training series.
        dimensions: of each series.
        fixed: whether longer series are cut.
        classes: names of the classes; None for regression.
    """

    steps: int
    dimensions: int
    fixed: bool
    classes: tuple[str, ...] | None


def numbers_of(place: str, cells: list[str]) -> Array:
    """(values,) float64.

    Raises:
        DataError: a value is not a number, or is beyond float32.
    """
    values = np.empty(len(cells))
    for number, cell in enumerate(cells):
        value = parse_number(cell)
        if value is None or value != value:
            if cell.strip().lower() not in MISSING:
                raise DataError(f"{place}: value {number + 1}: {cell.strip()!r} is not a number")
            value = np.nan
        elif abs(value) > LARGEST:
            raise DataError(
                f"{place}: value {number + 1}: {cell.strip()!r} is not a finite 32-bit float"
            )
        values[number] = value
    return values
