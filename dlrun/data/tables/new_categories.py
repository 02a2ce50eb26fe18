"""Categories of a file that the training data does not have, as missing values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlrun.arrays import Array
from dlrun.data.labels import category_codes, shown
from dlrun.data.tables.read_table import TableColumn

_LISTED = 5
"""New categories that a note lists."""


def open_codes(column: TableColumn, categories: Sequence[str]) -> Array:
    """Like ``column.codes``, with other categories as missing values."""
    code = category_codes(categories, set(column.cells))
    return np.array(
        [np.nan if each in column.missing else code.get(each, np.nan) for each in column.cells]
    )


class NewCategories:
    """Those of a file, which may be read in blocks."""

    def __init__(self) -> None:
        self._found: dict[str, set[str]] = {}  # by column

    def add(self, read: TableColumn, categories: Sequence[str]) -> None:
        """Note the new categories of a column.

        Args:
            read: the column as it was read, or a block of it.
            categories: of the training data.
        """
        cells = read.values()
        known = category_codes(categories, cells)
        if new := [cell for cell in cells if cell not in known]:
            self._found.setdefault(read.name, set()).update(new)

    def notes(self, file: str) -> tuple[str, ...]:
        """One line for each column with categories that the training data does not have.

        Args:
            file: the table's name in messages.
        """
        return tuple(
            f"{file}: column '{name}': the training data does not have {len(new)} of its "
            f"categories, which count as missing: {', '.join(map(shown, sorted(new)[:_LISTED]))}"
            f"{', ...' if len(new) > _LISTED else ''}"
            for name, new in self._found.items()
        )
