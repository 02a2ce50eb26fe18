"""Tables in Apache Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dlrun.arrays import Array
from dlrun.data.input_file import need_room, opened
from dlrun.data.source import source
from dlrun.data.table import Table
from dlrun.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

_TIMES = 4
"""Memory that a table takes, in times of its file: it is there as float64 and as it was."""
_LARGEST = float(np.finfo(np.float32).max)


@source("parquet")
class Parquet(Table):
    """A table in an Apache Parquet file; needs pyarrow: pip install 'dlrun[parquet]'.

    Numbers and booleans are numeric columns, text is categorical, null and NaN are missing values.
    Dates and times are no inputs until ``columns`` says categorical or ignore.  The task is
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
        for number, name in enumerate(names):
            if name in names[:number]:
                raise DataError(f"{path}: two columns are called '{name}'; rename one")
        if not table.num_rows:
            raise DataError(f"{path}: it has no rows")
        return ParquetTable(path, names, table)


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """A file's columns; ``file`` is what messages call it."""

    file: str
    header: tuple[str, ...]
    table: pa.Table

    def column(self, name: str, missing: frozenset[str]) -> ParquetColumn:
        """The column of that name; what is missing is null there."""
        return ParquetColumn(self.file, name, self.table.column(name))


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
                f"{self.file}: column '{self.name}' holds {kind}; say what it is with "
                f"data.source.columns: {{{self.name}: ignore}}, or categorical"
            )
        return bool(
            pa.types.is_integer(kind)
            or pa.types.is_floating(kind)
            or pa.types.is_decimal(kind)
            or pa.types.is_boolean(kind)
        )

    def values(self) -> list[str]:
        """The different texts that are present, sorted."""
        return sorted(set(self.cells) - self.missing)

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
        beyond = np.abs(found) > _LARGEST
        if beyond.any():
            row = int(np.argmax(beyond))
            raise self.fault(row, f"{found[row]} is no finite 32-bit number; correct it")
        return found

    def codes(self, categories: Sequence[str]) -> Array:
        """Each text's place among ``categories``, (n,) float64, NaN where missing.

        Raises:
            DataError: a row holds none of them.
        """
        code = {category: float(number) for number, category in enumerate(categories)}
        code[""] = np.nan
        for row, cell in enumerate(self.cells):
            if cell not in code:
                raise self.fault(row, f"{cell!r} is no category of the training data")
        return np.array([code[cell] for cell in self.cells])

    def fault(self, row: int, what: str) -> DataError:
        """The error that says what is wrong in a row."""
        return DataError(f"{self.file}: row {row}: column '{self.name}': {what}")
