"""confusion.csv: a header of class names, then a row of counts for each true class."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dlrun.errors import DataError
from dlrun.run_directory.access import read_text
from dlrun.run_directory.atomic import replace
from dlrun.run_directory.counts import is_count


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often each class was predicted for each true class.

    Attributes:
        classes: names of the k classes.
        counts: (k, k); rows are true, columns predicted classes.
    """

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        k = len(self.classes)
        if len(self.counts) != k or any(len(row) != k for row in self.counts):
            raise ValueError(f"{k} classes need {k} rows of {k} counts")


def write_confusion(path: Path, classes: Sequence[str], matrix: Sequence[Sequence[int]]) -> None:
    """Write the file, atomically.

    Args:
        path: the file.
        classes: names of the k classes.
        matrix: (k, k) counts; rows are true, columns predicted classes.

    Raises:
        ValueError: the matrix is not k by k.
        DataError: the file cannot be written.
    """
    table = Confusion(tuple(classes), tuple(tuple(int(n) for n in row) for row in matrix))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.classes)
    writer.writerows(table.counts)
    replace(path, text.getvalue())


def read_confusion(path: Path) -> Confusion:
    """Read the file.

    Raises:
        DataError: it is missing or not a square table of counts.
    """
    text = read_text(path)
    try:
        lines = list(csv.reader(io.StringIO(text)))
        return Confusion(tuple(lines[0]), tuple(tuple(map(_count, line)) for line in lines[1:]))
    except (IndexError, ValueError, csv.Error) as error:
        raise DataError(
            f"{path}: not a square table of counts under class names: {error}"
        ) from error


def _count(cell: str) -> int:
    count = int(cell)
    if not is_count(count):
        raise ValueError(f"{cell[:40]} is not a count")
    return count
