"""The confusion matrix as a table of colours, and scores by class."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.pages.markup import Html, tag
from dlrun.pages.pieces.table import Cell, table
from dlrun.pages.section import Piece, note

LARGEST = 40
"""Classes of a matrix that is shown whole."""
_LISTED = 30
"""Rows of the list that replaces a larger one."""


def confusion_matrix(classes: Sequence[str], counts: Sequence[Sequence[int]]) -> Piece:
    """Counts by true and predicted class; of many classes the most frequent confusions.

    Args:
        classes: names of the k classes.
        counts: (k, k); rows are true, columns predicted classes.
    """
    if len(classes) > LARGEST:
        return _list(classes, counts)
    head = [
        tag("tr", [tag("th"), tag("th", "predicted class", colspan=len(classes), class_="corner")]),
        tag(
            "tr",
            [
                tag("th", "true class", class_="corner"),
                *(tag("th", _name(c), title=c) for c in classes),
            ],
        ),
    ]
    body = []
    for row, (name, own) in enumerate(zip(classes, counts, strict=True)):
        total = sum(own)
        cells = [tag("th", _name(name), title=name, scope="row")]
        cells += [
            _cell(count, total, row == column, f"{name} as {classes[column]}")
            for column, count in enumerate(own)
        ]
        body.append(tag("tr", cells))
    inner = tag("table", [tag("thead", head), tag("tbody", body)], class_="heat")
    return Piece(tag("div", inner, class_="scroll"))


def per_class(classes: Sequence[str], counts: Sequence[Sequence[int]], anchor: str) -> Piece:
    """Precision, recall, F1 and number of samples by class, as a table.

    Args:
        classes: names of the k classes.
        counts: (k, k); rows are true, columns predicted classes.
        anchor: ID of the table.
    """
    rows = []
    for place, name in enumerate(classes):
        hits, true = counts[place][place], sum(counts[place])
        said = sum(row[place] for row in counts)
        rows.append(
            [
                name,
                hits / said if said else None,
                hits / true if true else None,
                2 * hits / (said + true) if said + true else None,
                true,
            ]
        )
    header = ["class", "precision", "recall", "F1", "samples"]
    return table(header, rows, anchor=anchor, sortable=True)


def _name(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:17]}…"


def _cell(count: int, total: int, correct: bool, title: str) -> Html:
    part = count / total if total else 0.0
    level = 0 if not count else 1 + min(4, int(part * 5))
    kind = "ok" if correct else "no"
    return tag(
        "td", str(count), class_=f"{kind} h{level}", title=f"{title}: {count} ({100 * part:.1f} %)"
    )


def _list(classes: Sequence[str], counts: Sequence[Sequence[int]]) -> Piece:
    wrong = [
        (count, classes[row], classes[column], sum(own))
        for row, own in enumerate(counts)
        for column, count in enumerate(own)
        if count and row != column
    ]
    wrong.sort(key=lambda each: (-each[0], each[1], each[2]))
    rows: list[list[Cell]] = [
        [true, said, count, 100 * count / total] for count, true, said, total in wrong[:_LISTED]
    ]
    what = (
        f"{len(classes)} classes are too many for a matrix; these are the most frequent of "
        f"{len(wrong)} confusions."
    )
    header = ["true class", "predicted class", "count", "% of the true class"]
    return Piece(tag("div", [note(what).html, table(header, rows).html]))
