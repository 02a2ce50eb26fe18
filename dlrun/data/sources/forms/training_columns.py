"""Whether a further table has the columns of the training data."""

from __future__ import annotations

from collections.abc import Iterable

from dlrun.data.dataset import Dataset
from dlrun.data.tables.read_table import ReadTable
from dlrun.errors import DataError


def need_training_columns(
    table: ReadTable, known: set[str], inputs: Iterable[str], like: Dataset
) -> None:
    """Check that a table has the columns of the training data and, if others matter, only these.

    Args:
        table: the further table.
        known: the columns of a file that the inputs of the training data come from.
        inputs: the columns of the table that would be inputs.
        like: the training data.

    Raises:
        DataError: a column is missing, or is one too many.
    """
    place = table.header_place
    if absent := sorted(known - set(table.header)):
        raise DataError(
            f"{place}: the training data's column '{absent[0]}' is missing here; "
            f"{table.advice(absent[0])}"
        )
    further = sorted(set(inputs) - known - like.side_columns.keys())
    if further and not like.new_columns:
        raise DataError(
            f"{place}: the training data has no column '{further[0]}'; remove it or set "
            f"data.source.columns.{further[0]} to ignore"
        )
