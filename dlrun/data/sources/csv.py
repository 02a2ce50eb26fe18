"""Tables in files of delimited text."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from dlrun.data.delimited import TextTable, read_delimited
from dlrun.data.source import source
from dlrun.data.table import Table
from dlrun.data.text_source import TextSource


@source("csv")
class Csv(TextSource, Table):
    r"""A table in a text file: a header line, then a row a sample (RFC 4180).

    Text is UTF-8, with or without a byte order mark; a file whose name ends in .gz is unpacked.
    Blanks around a value do not count, blank lines are skipped.  A column is numeric where every
    value that is present reads as a number, else categorical; one of dates is no input until
    ``columns`` says date, categorical or ignore.  The task is classification where the target holds
    text or at most 20 different whole numbers, else regression.  Classes and categories are sorted;
    1, 01 and 1.0 are one class.
    """

    names_stand: ClassVar = ":1"

    def read(self, path: str, folder: Path) -> TextTable:
        """Read a file of text."""
        return read_delimited(folder / path, path, self.written)
