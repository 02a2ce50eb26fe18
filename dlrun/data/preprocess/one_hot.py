"""One-hot encoding of categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Column, Dataset
from dlrun.data.files.memory import memory
from dlrun.data.preprocess.base import Columns, Preprocess, State, preprocess
from dlrun.errors import DataError


@dataclass(frozen=True, slots=True)
class Expanded:
    """The fitted step for the columns ``before``."""

    before: tuple[Column, ...]

    @property
    def columns(self) -> Columns:
        """Numeric columns unchanged; ``city=Paris`` and so on for the categories of ``city``."""
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
            DataError: a value is not a code of its column's categories.
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
    """The category codes of the rows that have one, as integers.

    Wrong codes cannot come from a file, but from an array of samples to predict.
    """
    assert column.categories is not None
    codes, most = values[known], len(column.categories) - 1
    bad = (codes != np.rint(codes)) | (codes < 0) | (codes > most)
    if bad.any():
        row = int(known[np.argmax(bad)])
        raise DataError(
            f"row {row}: {values[row]:g} is not a category of column '{column.name}'; its codes "
            f"are 0 to {most}, for {', '.join(column.categories[:5])}{', ...' if most > 4 else ''}"
        )
    return codes.astype(np.int64)


def _need_room(columns: tuple[Column, ...], rows: int) -> None:
    """Check that the new columns fit in memory.

    Raises:
        DataError: they need more than half of it.
    """
    widths = [len(column.categories or (column.name,)) for column in columns]
    size = 4 * rows * sum(widths)
    if max(widths) > 1 and size > memory() / 2:  # else there are no new columns
        widest = int(np.argmax(widths))
        raise DataError(
            f"one_hot turns '{columns[widest].name}' into {widths[widest]} columns; all columns "
            f"would take {size / 2**30:.3g} GiB of the {memory() / 2**30:.3g} GiB of memory here; "
            f"set data.source.columns.{columns[widest].name} to ignore"
        )


@preprocess("one_hot")
class OneHot(Preprocess):
    """Replace each categorical column by one column of 0 and 1 per category.

    The new columns have names such as ``city=Paris``.  A missing value is 0 in all of them.
    """

    unknown: Literal["error", "ignore"] = "error"
    """Categories of a further file that the training data does not have: an ``error`` with its row,
    or ``ignore``, which treats them as missing values."""

    def measure(self, train: Dataset) -> State:
        """An empty state: the columns already contain the categories."""
        if train.columns is None:
            raise DataError("one_hot needs a table with columns; remove it from data.preprocess")
        _need_room(train.columns, len(train))
        return {}

    def restore(self, columns: Columns, state: State) -> Expanded:
        """The fitted step for these columns."""
        return Expanded(columns or ())
