"""Tables that a reader can sort and filter."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dlrun.pages.markup import Html, tag
from dlrun.pages.section import Piece

Cell = str | float | None
"""Text (HTML included), a number, or nothing."""

HINT = "filter: words, column<0.1, column=value"
"""The placeholder of a filter's field."""


def number(value: float | None, digits: int = 4) -> str:
    """A number for people; empty for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if not math.isfinite(value):
        return str(value)
    if float(value).is_integer() and abs(value) < 1e6:
        return f"{int(value)}"
    return f"{value:.{digits}g}"


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    anchor: str = "",
    sortable: bool = False,
    filtered: str = "",
    keys: Sequence[str] = (),
    emphasized: int | None = None,
) -> Piece:
    """A table; columns of numbers are aligned to the right.

    Args:
        header: names of the columns.
        rows: cells by row.
        anchor: ID of the table, which sorting and filtering need.
        sortable: whether a click on a column sorts it.
        filtered: the placeholder of the filter's field; empty for no filter.
        keys: one per row, by which other pieces select rows; empty for none.
        emphasized: index of a row in bold; None for none.
    """
    numeric = [_is_numeric([row[place] for row in rows]) for place in range(len(header))]
    heads = [
        tag("th", tag("button", name, type="button") if sortable else name, class_=_class(right))
        for name, right in zip(header, numeric, strict=True)
    ]
    body = [
        tag(
            "tr",
            [_cell(cell, right) for cell, right in zip(row, numeric, strict=True)],
            data_key=keys[place] if keys else None,
            class_="first" if place == emphasized else None,
        )
        for place, row in enumerate(rows)
    ]
    inner = tag(
        "table",
        [tag("thead", tag("tr", heads)), tag("tbody", body)],
        id=anchor or None,
        class_="sortable" if sortable else None,
    )
    box = tag("div", inner, class_="scroll tall" if len(rows) > 15 else "scroll")
    if not filtered:
        return Piece(box)
    field = tag(
        "input", type="search", placeholder=filtered, data_filter=anchor, aria_label="Filter rows"
    )
    return Piece(tag("div", [tag("div", [field, tag("output")], class_="filter"), box]))


def _is_numeric(cells: Sequence[Cell]) -> bool:
    known = [cell for cell in cells if cell is not None and cell != ""]
    return bool(known) and all(not isinstance(cell, str) for cell in known)


def _class(right: bool) -> str | None:
    return "n" if right else None


def _cell(cell: Cell, right: bool) -> Html:
    if cell is None or isinstance(cell, str):
        wide = cell is not None and len(cell) > 60 and not isinstance(cell, Html)
        return tag("td", cell or "", class_=_class(right) or ("wide" if wide else None))
    return tag("td", number(cell), class_=_class(right), data_sort=repr(float(cell)))
