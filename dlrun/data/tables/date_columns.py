"""The columns of dates of a table, and the input columns that are derived from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dlrun.data.tables.dates import PARTS


@dataclass(frozen=True, slots=True)
class DateColumns:
    """The columns of a file that hold dates.

    Attributes:
        names: of these columns.
        absent: texts that mean a missing value.
    """

    names: frozenset[str]
    absent: frozenset[str]

    def place(self, name: str) -> tuple[str, str | None]:
        """The column of the file that an input column comes from, and the part of its dates."""
        of, _, part = name.rpartition(".")
        return (of, part) if of in self.names and part in PARTS else (name, None)

    def in_file(self, columns: Sequence[str]) -> list[str]:
        """The columns of the file that input columns come from, in its order."""
        return list(dict.fromkeys(self.place(name)[0] for name in columns))

    def expected(self, columns: Sequence[str], given: Sequence[str]) -> list[str]:
        """The columns that a frame must have: those of the file, or derived ones that it has.

        Args:
            columns: names of the input columns.
            given: those of the frame.
        """
        ready = {self.place(name)[0] for name in columns if name in given}
        origins = ((name, self.place(name)[0]) for name in columns)
        return list(dict.fromkeys(name if of in ready - {*given} else of for name, of in origins))
