"""A confusion matrix as lines; of many classes, the most frequent confusions."""

from __future__ import annotations

from dlrun.cli.display import page
from dlrun.cli.display.fitting import fitted
from dlrun.cli.display.terminal import line_width
from dlrun.collection.table import Table
from dlrun.printable import printable
from dlrun.quantities import count
from dlrun.run_directory.confusion import Confusion

_MOST = 5
"""Confusions that are listed of a matrix that does not fit."""
_CLASSES = 20
"""Classes of a whole matrix, at most."""


def confusion_lines(confusion: Confusion | None, which: str) -> list[str]:
    """The matrix, rows are true classes; if it does not fit, its most frequent confusions.

    Args:
        confusion: the counts; None for no lines.
        which: the set that is counted.
    """
    if confusion is None:
        return []
    classes, counts = confusion.classes, confusion.counts
    if len(classes) <= _CLASSES:
        cells = tuple(
            (name, *(str(n) for n in row)) for name, row in zip(classes, counts, strict=True)
        )
        lines, _ = fitted(Table(("true", *classes), cells), line_width())
        if max(map(len, lines)) <= line_width():
            return [f"confusion on the {which} set (rows: true classes)", *lines]
    wrong = sorted(
        (
            (-n, true, predicted)
            for true, row in enumerate(counts)
            for predicted, n in enumerate(row)
            if n and true != predicted
        ),
    )
    total = -sum(n for n, *_ in wrong)
    lines = page.wrapped(
        f"confusion on the {which} set: {len(classes)} classes, {count(total, 'wrong answer')}; "
        "all counts are in confusion.csv"
    )
    for n, true, predicted in wrong[:_MOST]:
        lines.append(f"{-n:>6}  {printable(classes[true])} as {printable(classes[predicted])}")
    if len(wrong) > _MOST:
        lines.append(f"        ... and {count(len(wrong) - _MOST, 'other pair')} of classes")
    return lines
