"""A column for each category."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Column, Dataset
from dlrun.data.input_file import memory
from dlrun.data.preprocessor import Columns, Preprocess, State, preprocess
from dlrun.errors import DataError


@dataclass(frozen=True, slots=True)
class Expanded:
    """Columns ``before``, with the categorical ones written out."""

    before: tuple[Column, ...]

    @property
    def columns(self) -> Columns:
        """Numeric columns as they are; ``city=Paris`` for each category of ``city``."""
        return tuple(
            after
            for column in self.before
            for after in (
                [column]
                if column.categories is None
                else [Column(f"{column.name}={category}") for category in column.categories]
            )
        )

    def apply(self, inputs: Array) -> Array:
        """(n, columns) to (n, wider).

        Raises:
            DataError: a number is no code of its column's categories.
        """
        widths = [1 if c.categories is None else len(c.categories) for c in self.before]
        result = np.zeros((len(inputs), sum(widths)), dtype=inputs.dtype)
        start = 0
        for number, (column, width) in enumerate(zip(self.before, widths, strict=True)):
            values = inputs[:, number]
            if column.categories is None:
                result[:, start] = values
            else:
                known = np.flatnonzero(~np.isnan(values))
                result[known, start + _codes(column, values, known)] = 1.0
            start += width
        return result


def _codes(column: Column, values: Array, known: Array) -> Array:
    """The codes at rows that have one, as numbers of columns.

    A file cannot hold another code; samples to be predicted, which come as numbers, can.
    """
    assert column.categories is not None
    found, most = values[known], len(column.categories) - 1
    bad = (found != np.rint(found)) | (found < 0) | (found > most)
    if bad.any():
        row = int(known[np.argmax(bad)])
        raise DataError(
            f"row {row}: {values[row]:g} is no category of column '{column.name}'; its codes are "
            f"0 to {most}, for {', '.join(column.categories[:5])}{', ...' if most > 4 else ''}"
        )
    return found.astype(np.int64)


def _need_room(columns: tuple[Column, ...], rows: int) -> None:
    """Check that the new columns of a table in memory fit there.

    Raises:
        DataError: they take more than half of it.
    """
    widths = [len(column.categories or (column.name,)) for column in columns]
    size = 4 * rows * sum(widths)
    if max(widths) > 1 and size > memory() / 2:  # else there is nothing to write out
        widest = int(np.argmax(widths))
        raise DataError(
            f"one_hot makes {widths[widest]} columns of '{columns[widest].name}', and all columns "
            f"would take {size / 2**30:.3g} GiB of the {memory() / 2**30:.3g} GiB of memory here; "
            f"say {columns[widest].name}: ignore in data.source.columns"
        )


@preprocess("one_hot")
class OneHot(Preprocess):
    """Each categorical column as one column of 0 and 1 for each of its categories, in its place.

    The columns are called ``city=Paris``.  A missing value is 0 in all of them.
    """

    def measure(self, train: Dataset) -> State:
        """Nothing: the columns themselves hold the categories."""
        if train.columns is None:
            raise DataError("one_hot needs a table with columns; remove it from data.preprocess")
        _need_room(train.columns, len(train))
        return {}

    def restore(self, columns: Columns, state: State) -> Expanded:
        """The step for these columns."""
        return Expanded(columns or ())
