"""Tables in Apache Parquet files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dlrun.arrays import Array
from dlrun.data.files.input_file import opened
from dlrun.data.files.memory import need_room
from dlrun.data.labels import NEW_CATEGORY, category_codes, class_codes, composed, shown
from dlrun.data.numerals import LARGEST, parse_number
from dlrun.data.sources.base import source
from dlrun.data.sources.forms.table import Table
from dlrun.data.sources.forms.table_notes import UNNAMED_INDEX
from dlrun.data.tables.dates import ADVICE, instant
from dlrun.data.tables.named_columns import NamedColumns
from dlrun.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet

_CELLS = 1 << 17
"""Cells in a block of a table that is read in blocks."""

_TIMES = 4
"""Memory of a table as a multiple of its file: it is held as read and as float64."""


@source("parquet")
class Parquet(Table):
    """A table in an Apache Parquet file; needs pyarrow: pip install 'dlrun[parquet]'.

    Columns of numbers and booleans are numeric, columns of text categorical; null and NaN are
    missing values.  For dates and times, ``columns`` must specify date, categorical or ignore.  The
    index of a pandas table is not an input unless it is listed under ``columns``.  The task is
    classification if the target contains text, booleans or at most 20 distinct integers,
    else regression.  Classes and categories are sorted.
    """

    def read(self, path: str, folder: Path) -> ParquetTable:
        """Read a file."""
        (table,) = self._tables(path, folder, None)
        return table

    def read_blocks(self, path: str, folder: Path) -> Iterator[ParquetTable]:
        """Read a file block by block."""
        return self._tables(path, folder, _CELLS)

    def _tables(self, path: str, folder: Path, most: int | None) -> Iterator[ParquetTable]:
        """Tables of at most ``most`` cells, and at least one row; None puts all rows into one."""
        try:
            import pyarrow as pa
            from pyarrow import parquet
        except ImportError as error:
            raise DataError(
                f"{path}: reading it needs pyarrow; pip install 'dlrun[parquet]'"
            ) from error
        broken = (pa.ArrowException, OSError, ValueError, MemoryError)
        with opened(folder / path, path) as raw:
            try:
                with parquet.ParquetFile(raw) as file:
                    names = tuple(file.schema_arrow.names)
                    _need_names(path, names)
                    index = _index(names, file.schema_arrow.metadata)
                    sizes = [
                        file.metadata.row_group(n).total_byte_size
                        for n in range(file.num_row_groups)
                    ]
                    need_room(
                        _TIMES * (sum(sizes) if most is None else max(sizes, default=0)), path
                    )
                    first = 0
                    for table in _read(file, most, len(names)):
                        table.validate(full=True)  # for example, text may not be UTF-8
                        if table.num_rows:
                            yield ParquetTable(path, names, table, index, first)
                        first += table.num_rows
            except broken as error:
                reason = " ".join(str(error).split())
                raise DataError(f"{path}: not a Parquet file that can be read: {reason}") from error
        if not first:
            raise DataError(f"{path}: it has no rows")


def _read(file: parquet.ParquetFile, most: int | None, columns: int) -> Iterator[pa.Table]:
    """The file in one table, or in tables of at most ``most`` cells."""
    import pyarrow as pa

    if most is None:
        yield file.read()
        return
    for batch in file.iter_batches(batch_size=max(1, most // max(1, columns))):
        yield pa.Table.from_batches([batch])


def _need_names(path: str, names: Sequence[str]) -> None:
    """Check that each name of a column occurs once."""
    if len(set(names)) < len(names):
        (name, _), *_ = Counter(names).most_common(1)
        raise DataError(f"{path}: two columns are called '{name}'; rename one")


def _index(names: Sequence[str], metadata: Mapping[bytes, bytes] | None) -> frozenset[str]:
    """The columns that were the index of a pandas table.

    They are listed in the file, or recognized by their names if another program rewrote the file.
    """
    named = {name for name in names if UNNAMED_INDEX.fullmatch(name)}
    try:
        stored = json.loads((metadata or {})[b"pandas"])["index_columns"]
        named |= {each for each in stored if isinstance(each, str)}
    except (KeyError, TypeError, ValueError, RecursionError):  # it is missing or broken
        pass
    return frozenset(named)


@dataclass(frozen=True)
class ParquetTable(NamedColumns):
    """The columns of a file; ``index`` names those that label rows."""

    table: pa.Table
    index: frozenset[str]
    first: int = 0
    """The number of the first row in the file."""

    def column(self, name: str, missing: frozenset[str]) -> ParquetColumn:
        """The column of that name; missing values are null."""
        data = self.table.column(self.positions[name])
        return ParquetColumn(self.file, name, data, self.first)


@dataclass(frozen=True)
class ParquetColumn:
    """A column with its type.

    Attributes:
        file: the file's name in messages.
        name: of the column.
        data: its values.
        first: the number of the first row in the file.
    """

    file: str
    name: str
    data: pa.ChunkedArray
    first: int = 0

    missing = frozenset(("",))

    @cached_property
    def cells(self) -> Sequence[str]:
        """The text of each row; "" for null, NaN and blanks."""
        import pyarrow as pa

        data, kind = self.data, self.data.type
        if pa.types.is_dictionary(kind):
            data, kind = data.cast(kind.value_type), kind.value_type
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_nested(kind):
            raise DataError(
                f"{self.file}: column '{self.name}' holds {kind}; leave it out with "
                f"data.source.columns.{self.name}=ignore"
            )
        if pa.types.is_timestamp(kind):  # Python's dates have no nanoseconds
            data = data.cast(pa.timestamp("us", kind.tz), safe=False)
        return ["" if x is None or x != x else str(x).strip() for x in data.to_pylist()]

    def is_numeric(self) -> bool:
        """Whether its type is numeric or bool."""
        import pyarrow as pa

        kind = self.data.type
        if pa.types.is_temporal(kind):
            is_day = pa.types.is_date(kind) or pa.types.is_timestamp(kind)
            date = "date (to learn from it), " if is_day else ""
            raise DataError(
                f"{self.file}: column '{self.name}' holds {kind}; set "
                f"data.source.columns.{self.name} to {date}categorical or ignore"
            )
        return bool(
            pa.types.is_integer(kind)
            or pa.types.is_floating(kind)
            or pa.types.is_decimal(kind)
            or pa.types.is_boolean(kind)
        )

    def values(self) -> list[str]:
        """The distinct texts that are not missing, in NFC, sorted."""
        return sorted({composed(cell) for cell in set(self.cells) - self.missing})

    def numbers(self, *, needed: bool = False) -> Array:
        """The values as numbers, (n,) float64, NaN where missing.

        Args:
            needed: as of a target; the errors are the same.

        Raises:
            DataError: the column is not numeric, or a value is infinite as float32.
        """
        import pyarrow as pa

        data = self.data
        if pa.types.is_boolean(data.type):
            data = data.cast(pa.int8())
        try:
            values: Array = data.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
        except pa.ArrowException as error:
            raise DataError(
                f"{self.file}: column '{self.name}' holds {data.type}, not numbers"
            ) from error
        beyond = np.abs(values) > LARGEST
        if beyond.any():
            row = int(np.argmax(beyond))
            raise self.error(row, f"{values[row]} is not a finite 32-bit float; correct it")
        return values

    def parse(self, text: str) -> float | None:
        """The number that a text holds, or None."""
        return parse_number(text)

    def instants(self) -> tuple[Array, Array]:
        """Dates in microseconds since 1970, (n,) int64, and whether a row has one, (n,) bool.

        Raises:
            DataError: a row is not a date.
        """
        cells = self.cells
        result, present = np.zeros(len(cells), np.int64), np.ones(len(cells), bool)
        for row, cell in enumerate(cells):
            if not cell:
                present[row] = False
                continue
            moment = instant(cell)
            if moment is None:
                raise self.error(row, f"{shown(cell)} is not a date; {ADVICE}")
            result[row] = moment
        return result, present

    def need_all(self, what: str, known: Sequence[str] = ()) -> None:
        """Check that every row has a value.

        Raises:
            DataError: a value is missing.
        """
        if "" in self.cells:
            row = list(self.cells).index("")
            raise self.error(row, f"the {what} is missing; fill it in or remove the row")

    def class_codes(self, classes: Sequence[str]) -> Array:
        """Each row's class as an index in those of the training data, (n,) int64.

        Raises:
            DataError: a row has another class.
        """
        return class_codes(self.cells, classes, self.error)

    def inexact(self) -> int | None:
        """The first row with an integer that float64 cannot hold; None if there is none."""
        import pyarrow as pa

        if not pa.types.is_integer(self.data.type):
            return None
        for row, cell in enumerate(self.cells):
            if cell and int(cell) != float(cell):
                return row
        return None

    def oddity(self) -> str:
        """Nothing suspicious: the column has a type."""
        return ""

    def codes(self, categories: Sequence[str]) -> Array:
        """Each text's index in ``categories``, (n,) float64, NaN where missing.

        Raises:
            DataError: a row has another category.
        """
        code = category_codes(categories, set(self.cells))
        code[""] = np.nan
        for row, cell in enumerate(self.cells):
            if cell not in code:
                raise self.error(row, f"{shown(cell)} {NEW_CATEGORY}")
        return np.array([code[cell] for cell in self.cells])

    def error(self, row: int, what: str) -> DataError:
        """The error for a row, with its place in the file."""
        return DataError(f"{self.file}: row {self.first + row}: column '{self.name}': {what}")
