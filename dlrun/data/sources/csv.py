"""Tables in files of delimited text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator

from dlrun.data.delimited import TextTable, read_delimited
from dlrun.data.source import source
from dlrun.data.table import Table


def _delimiter(value: Any) -> Any:
    if value == "tab":
        return "\t"
    if isinstance(value, str) and (len(value) != 1 or value in '"\r\n'):
        raise ValueError("must be one character other than a quote, or 'tab'")
    return value


Delimiter = Annotated[str | None, BeforeValidator(_delimiter)]
"""The character between two fields; ``tab`` is a name for that one."""


@source("csv")
class Csv(Table):
    r"""A table in a text file: a header line, then a row a sample (RFC 4180).

    Text is UTF-8, with or without a byte order mark; a file whose name ends in .gz is unpacked.
    Blanks around a value do not count, blank lines are skipped.  A column is numeric where every
    value that is present reads as a number, else categorical.  The task is classification where
    the target holds text or at most 20 different whole numbers, else regression.  Classes and
    categories are sorted; 1, 01 and 1.0 are one class.
    """

    delimiter: Delimiter = None
    """The character between two fields, or ``tab``; null is a tab in files called .tsv or .tab
    and a comma in others."""
    missing: tuple[str, ...] = ("", "NA", "N/A", "NaN", "nan", "null", "?")
    """What stands for a missing value."""

    names_stand: ClassVar = ":1"

    def read(self, path: str, folder: Path) -> TextTable:
        """Read a file of text."""
        return read_delimited(folder / path, path, self.delimiter)

    @property
    def absent(self) -> frozenset[str]:
        """Texts that stand for a missing value."""
        return frozenset(self.missing)
