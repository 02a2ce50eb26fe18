"""Parallel coordinates, which the page's script draws as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dlrun.pages.markup import tag
from dlrun.pages.pieces.series import rounded
from dlrun.pages.section import Piece

LEVELS = 5
"""Colours of the lines, from bad to good."""


@dataclass(frozen=True, slots=True)
class Column:
    """An axis.

    Attributes:
        label: its name.
        values: one per line; None leaves a gap.
        log: whether its scale is logarithmic.
        names: of the values 0, 1 and so on, if they are categories; otherwise empty.
    """

    label: str
    values: Sequence[float | None]
    log: bool = False
    names: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line.

    Attributes:
        number: of the trial.
        level: its colour, 0 for the worst to ``LEVELS`` - 1 for the best.
        best: whether it is the best of all.
    """

    number: int
    level: int
    best: bool


def parallel(
    anchor: str, title: str, detail: str, columns: Sequence[Column], lines: Sequence[Line], of: str
) -> Piece:
    """The figure; dragging along an axis selects lines, and rows of a table by their keys.

    Args:
        anchor: its ID in the page.
        title: above it.
        detail: the line below the title.
        columns: the axes.
        lines: in drawing order, as the values of the columns.
        of: ID of the table.
    """
    data: dict[str, Any] = {
        "label": title,
        "table": of,
        "axes": [
            {
                "label": each.label,
                "values": rounded(each.values),
                "scale": "log" if each.log else "linear",
                "names": list(each.names) or None,
            }
            for each in columns
        ],
        "trials": [
            {"number": each.number, "level": each.level, "best": each.best} for each in lines
        ],
    }
    caption = tag("figcaption", [tag("span", title), tag("small", detail)])
    body = tag("div", id=anchor, class_="parallel", data_parallel=True)
    return Piece(tag("figure", [caption, body]), {anchor: data})
