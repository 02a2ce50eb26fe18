"""The names of a table's columns, and what to write instead of a wrong one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from dlrun.spec.problems import did_you_mean


@dataclass(frozen=True)
class NamedColumns:
    """The names of a table's columns.

    Attributes:
        file: its name in messages.
        header: names of the columns.
    """

    file: str
    header: tuple[str, ...]

    @cached_property
    def positions(self) -> dict[str, int]:
        """The position of each column."""
        return {name: position for position, name in enumerate(self.header)}

    @property
    def header_place(self) -> str:
        """The file."""
        return self.file

    def lacks(self, name: str) -> str | None:
        """The error message if the table has no such column, else None."""
        if name in self.positions:
            return None
        return f"{self.header_place}: the header has no column '{name}'; {self.advice(name)}"

    def advice(self, name: str) -> str:
        """What to write instead of a name that is not a column."""
        return did_you_mean(name, self.header)
