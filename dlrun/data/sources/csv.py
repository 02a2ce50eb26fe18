"""Tables in CSV, TSV and other delimited text files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dlrun.data.sources.base import source
from dlrun.data.sources.forms.table import Table
from dlrun.data.sources.forms.text_source import TextSource
from dlrun.data.tables.delimited import delimited_blocks, read_delimited
from dlrun.data.tables.text_table import TextTable


@source("csv")
class Csv(TextSource, Table):
    r"""A table in a text file: a header line, then one row per sample (RFC 4180).

    The text is UTF-8, with or without a byte order mark; a file whose name ends in .gz is unpacked.
    White space around a value and blank lines are ignored.  A column is numeric if all its values
    are numbers, else categorical; for a column of dates, ``columns`` must specify date, categorical
    or ignore.  The task is classification if the target contains text or at most 20 distinct
    integers, else regression.  Classes and categories are sorted; 1, 01 and 1.0 are the same class.
    """

    def read(self, path: str, folder: Path) -> TextTable:
        """Read a text file."""
        return read_delimited(folder / path, path, self.written)

    def read_blocks(self, path: str, folder: Path) -> Iterator[TextTable]:
        """Read a text file block by block."""
        return delimited_blocks(folder / path, path, self.written)
