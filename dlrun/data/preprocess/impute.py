"""Imputation of missing values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.preprocess.base import Columns, Preprocess, State, preprocess
from dlrun.data.samples import Samples, chunks
from dlrun.errors import DataError

_HELD = 1 << 24
"""Values of whole columns that are in memory at a time: 128 MiB of float64."""

Strategy = Literal["mean", "median", "most_frequent"]


@dataclass(frozen=True, slots=True)
class Filled:
    """Missing values of each column replaced by ``fill``, (columns,) float64."""

    columns: Columns
    fill: Array

    def apply(self, inputs: Array) -> Array:
        """Replace NaN by ``fill``."""
        return np.where(np.isnan(inputs), self.fill.astype(inputs.dtype), inputs)


@preprocess("impute")
class Impute(Preprocess):
    """Replace each missing value of a table by a typical value of its column.

    The values are computed from the training set.  Categorical columns always use the most frequent
    category, because the mean of category codes is meaningless.
    """

    strategy: Strategy = "mean"
    """For numeric columns; of equally frequent values, the smallest is used."""

    def measure(self, train: Dataset) -> State:
        """One value per column."""
        if train.columns is None:
            raise DataError("impute needs a table with columns; remove it from data.preprocess")
        fill = np.empty(len(train.columns))
        for number, (column, values) in enumerate(
            zip(train.columns, _columns(train.inputs), strict=True)
        ):
            present = values[~np.isnan(values)]
            if not present.size:
                raise DataError(
                    f"impute: column '{column.name}' has no value in the training set; "
                    "leave the column out of the data"
                )
            fill[number] = _typical(
                present, "most_frequent" if column.categorical else self.strategy
            )
        return {"fill": fill}

    def restore(self, columns: Columns, state: State) -> Filled:
        """The fitted step with these values.

        Raises:
            ValueError: one of them is missing itself.
        """
        if not np.isfinite(state["fill"]).all():
            raise ValueError("a value that replaces missing ones is not finite")
        return Filled(columns, state["fill"])


def _columns(inputs: Samples) -> Iterator[Array]:
    """Each column of (n, columns) as (n,) float64, several columns per pass over the data."""
    count, columns = inputs.shape
    together = max(1, _HELD // max(1, count))
    for first in range(0, columns, together):
        held = np.empty((min(together, columns - first), count), inputs.dtype)
        row = 0
        for chunk in chunks(inputs):
            held[:, row : row + len(chunk)] = chunk[:, first : first + together].T
            row += len(chunk)
        for values in held:
            yield values.astype(np.float64)


def _typical(present: Array, strategy: Strategy) -> float:
    if strategy == "mean":
        return float(np.mean(present))
    if strategy == "median":
        return float(np.median(present))
    values, counts = np.unique(present, return_counts=True)
    return float(values[np.argmax(counts)])
