"""Tables that fit the terminal: what is too long is shortened, what does not fit is left out."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from dlrun.collection.table import Table
from dlrun.printable import printable, shortened

_GAP = "  "
_NUMBER = re.compile(r"[+-]?\d[\d.]*(e[+-]?\d+)?(/\d+)?")
_SHORTEST = 12
"""Characters to which a text is shortened, at least."""


def fitted(table: Table, width: int, mark: str = "…") -> tuple[list[str], list[str]]:
    """The lines of a table, and the titles of the columns that do not fit.

    The first names are shortened in the middle, then secondary columns are left out, then the IDs
    are shortened, and at last the columns of keys that differ are added if there is room.

    Args:
        table: to be shown.
        width: characters of a line.
        mark: what stands for the middle of a shortened text.
    """
    kept = chosen(table, width, mark)
    lines = zip(*map(_aligned, kept.values()), strict=True)
    return [_GAP.join(row).rstrip() for row in lines], left_out(table, kept)


def left_out(table: Table, kept: Container[int]) -> list[str]:
    """The titles of the columns whose positions are not kept."""
    return [printable(title) for n, title in enumerate(table.header) if n not in kept]


def chosen(table: Table, width: int, mark: str = "…", gap: int = len(_GAP)) -> dict[int, list[str]]:
    """The columns of a table that fit, as in ``fitted``, by position; the title is the first cell.

    Args:
        table: to be shown.
        width: characters of a line.
        mark: what stands for the middle of a shortened text.
        gap: characters between two columns.
    """
    columns = [
        [printable(cell) for cell in column]
        for column in zip(table.header, *table.cells, strict=True)
    ]
    always = [n for n in range(len(columns)) if n < len(columns) - table.differing]
    _shorten(columns, always, table.long, width, mark, gap)
    for number in table.secondary:
        if _over(columns, always, width, gap):
            always.remove(number)
    _shorten(columns, always, table.last_resort, width, mark, gap)
    kept, used = dict[int, list[str]](), -gap
    for number, column in enumerate(columns):
        size = gap + max(map(len, column))
        is_key = number >= len(columns) - table.differing
        if number in always or (is_key and used + size <= width):
            used += size
            kept[number] = column
    return kept


def _over(columns: Sequence[Sequence[str]], shown: Sequence[int], width: int, gap: int) -> int:
    """By how many characters some columns are too wide."""
    sizes = [max(map(len, columns[number])) + gap for number in shown]
    return max(0, sum(sizes) - gap - width)


def _shorten(
    columns: list[list[str]],
    shown: Sequence[int],
    which: Sequence[int],
    width: int,
    mark: str,
    gap: int,
) -> None:
    """Shorten the texts of some columns, the longest first, as far as is needed."""
    for number in sorted(which, key=lambda each: -max(map(len, columns[each]))):
        if number in shown:
            longest = max(map(len, columns[number]))
            most = max(_SHORTEST, longest - _over(columns, shown, width, gap))
            columns[number] = [shortened(cell, most, mark) for cell in columns[number]]


def _aligned(column: Sequence[str]) -> list[str]:
    """A column of numbers to the right, any other to the left."""
    width = max(map(len, column))
    if all(map(_is_number, filter(None, column[1:]))):
        return [cell.rjust(width) for cell in column]
    return [cell.ljust(width) for cell in column]


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is not None
