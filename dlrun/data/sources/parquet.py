"""Tables in Apache Parquet files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dates import ADVICE, instant
from dlrun.data.input_file import need_room, opened
from dlrun.data.labels import category_codes, class_codes, composed, shown
from dlrun.data.numerals import LARGEST, parse_number
from dlrun.data.source import source
from dlrun.data.table import Table
from dlrun.data.table_notes import UNNAMED_INDEX
from dlrun.errors import DataError
from dlrun.spec.problems import did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa

_TIMES = 4
"""Memory that a table takes, in times of its file: it is there as float64 and as it was."""


@source("parquet")
class Parquet(Table):
    """A table in an Apache Parquet file; needs pyarrow: pip install 'dlrun[parquet]'.

    Numbers and booleans are numeric columns, text is categorical, null and NaN are missing values.
    Dates and times are no inputs until ``columns`` says date, categorical or ignore.  The index of
    a table of pandas is no input unless ``columns`` says what it is.  The task is
    classification where the target holds text, booleans or at most 20 different whole numbers,
    else regression.  Classes and categories are sorted.
    """

    def read(self, path: str, folder: Path) -> ParquetTable:
        """Read a file."""
        try:
            import pyarrow as pa
            from pyarrow import parquet
        except ImportError as error:
            raise DataError(
                f"{path}: reading it needs pyarrow; pip install 'dlrun[parquet]'"
            ) from error
        with opened(folder / path, path) as raw:
            try:
                with parquet.ParquetFile(raw) as file:
                    groups = range(file.num_row_groups)
                    size = sum(file.metadata.row_group(n).total_byte_size for n in groups)
                    need_room(_TIMES * size, path)
                    table = file.read()
                table.validate(full=True)  # text may be no UTF-8, for one
            except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
                said = " ".join(str(error).split())
                raise DataError(f"{path}: no Parquet file that can be read: {said}") from error
        names = tuple(table.column_names)
        if len(set(names)) < len(names):
            (name, _), *_ = Counter(names).most_common(1)
            raise DataError(f"{path}: two columns are called '{name}'; rename one")
        if not table.num_rows:
            raise DataError(f"{path}: it has no rows")
        return ParquetTable(path, names, table, _index(names, table.schema.metadata))


def _index(names: Sequence[str], metadata: Mapping[bytes, bytes] | None) -> frozenset[str]:
    """The columns that were the index of a table of pandas.

    The file says so, or else the name of a column, where another program has written it again.
    """
    named = {name for name in names if UNNAMED_INDEX.fullmatch(name)}
    try:
        stored = json.loads((metadata or {})[b"pandas"])["index_columns"]
        named |= {each for each in stored if isinstance(each, str)}
    except (KeyError, TypeError, ValueError, RecursionError):  # it is not there, or no such thing
        pass
    return frozenset(named)


@dataclass(frozen=True)
class ParquetTable:
    """A file's columns; ``file`` is what messages call it, ``index`` those that name rows."""

    file: str
    header: tuple[str, ...]
    table: pa.Table
    index: frozenset[str]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.header)}

    def lacks(self, name: str) -> str | None:
        """What is wrong where there is no such column; None where there is."""
        if name in self._places:
            return None
        advice = did_you_mean(name, self.header)
        return f"{self.file}: the header has no column '{name}'; {advice}"

    def column(self, name: str, missing: frozenset[str]) -> ParquetColumn:
        """The column of that name; what is missing is null there."""
        return ParquetColumn(self.file, name, self.table.column(self._places[name]))


@dataclass(frozen=True)
class ParquetColumn:
    """A column with its type.

    Attributes:
        file: the file's name, for messages.
        name: the column's.
        data: its values.
    """

    file: str
    name: str
    data: pa.ChunkedArray

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
                f"data.source.columns: {{{self.name}: ignore}}"
            )
        if pa.types.is_timestamp(kind):  # of nanoseconds Python's own dates know none
            data = data.cast(pa.timestamp("us", kind.tz), safe=False)
        return ["" if x is None or x != x else str(x).strip() for x in data.to_pylist()]

    def is_numeric(self) -> bool:
        """Whether its type is one of numbers or bool."""
        import pyarrow as pa

        kind = self.data.type
        if pa.types.is_temporal(kind):
            raise DataError(
                f"{self.file}: column '{self.name}' holds {kind}; say date for numbers of it, "
                "ignore or categorical in data.source.columns"
            )
        return bool(
            pa.types.is_integer(kind)
            or pa.types.is_floating(kind)
            or pa.types.is_decimal(kind)
            or pa.types.is_boolean(kind)
        )

    def values(self) -> list[str]:
        """The different texts that are present, in NFC, sorted."""
        return sorted({composed(cell) for cell in set(self.cells) - self.missing})

    def numbers(self) -> Array:
        """The values as numbers, (n,) float64, NaN where missing.

        Raises:
            DataError: the column holds none, or one is infinite as a 32-bit number.
        """
        import pyarrow as pa

        data = self.data
        if pa.types.is_boolean(data.type):
            data = data.cast(pa.int8())
        try:
            found: Array = data.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
        except pa.ArrowException as error:
            raise DataError(
                f"{self.file}: column '{self.name}' holds {data.type}, no numbers"
            ) from error
        beyond = np.abs(found) > LARGEST
        if beyond.any():
            row = int(np.argmax(beyond))
            raise self.fault(row, f"{found[row]} is no finite 32-bit number; correct it")
        return found

    def parse(self, text: str) -> float | None:
        """The number that a text holds, or None."""
        return parse_number(text)

    def instants(self) -> tuple[Array, Array]:
        """Dates of microseconds from 1970, (n,) int64, and where there is one, (n,) bool.

        Raises:
            DataError: a row holds none.
        """
        cells = self.cells
        result, present = np.zeros(len(cells), np.int64), np.ones(len(cells), bool)
        for row, cell in enumerate(cells):
            if not cell:
                present[row] = False
                continue
            found = instant(cell)
            if found is None:
                raise self.fault(row, f"{shown(cell)} is no date; {ADVICE}")
            result[row] = found
        return result, present

    def need_all(self, what: str, known: Sequence[str] = ()) -> None:
        """Check that no row is without a value.

        Raises:
            DataError: one is.
        """
        if "" in self.cells:
            row = list(self.cells).index("")
            raise self.fault(row, f"the {what} is missing; fill it in or remove the row")

    def class_codes(self, classes: Sequence[str]) -> Array:
        """Each row's class, as a place among those of the training data, (n,) int64.

        Raises:
            DataError: a row means none of them.
        """
        return class_codes(self.cells, classes, self.fault)

    def inexact(self) -> int | None:
        """The first row with a whole number that float64 cannot hold; None where none has one."""
        import pyarrow as pa

        if not pa.types.is_integer(self.data.type):
            return None
        for row, cell in enumerate(self.cells):
            if cell and int(cell) != float(cell):
                return row
        return None

    def oddity(self) -> str:
        """Nothing: the type says what the column is."""
        return ""

    def codes(self, categories: Sequence[str]) -> Array:
        """Each text's place among ``categories``, (n,) float64, NaN where missing.

        Raises:
            DataError: a row holds none of them.
        """
        code = category_codes(categories, set(self.cells))
        code[""] = np.nan
        for row, cell in enumerate(self.cells):
            if cell not in code:
                raise self.fault(row, f"{shown(cell)} is no category of the training data")
        return np.array([code[cell] for cell in self.cells])

    def fault(self, row: int, what: str) -> DataError:
        """The error that says what is wrong in a row."""
        return DataError(f"{self.file}: row {row}: column '{self.name}': {what}")
