"""The content of a checkpoint: which arrays are the network's, and the columns as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlrun.arrays import Array
from dlrun.data.dataset import Column
from dlrun.data.preprocess.base import Columns

PREPROCESS = "preprocess."
"""Prefix of the fitted values of the pipeline, next to the parameters of the network."""

TARGET = "target."
"""Prefix of the fitted scaling of targets, among the values of the pipeline."""

TRAINING = "training."
"""Prefix of the rest of the training state; see ``dlrun.checkpoints.training_state``."""


def divided(
    arrays: Mapping[str, Array],
) -> tuple[dict[str, Array], dict[str, Array], dict[str, Array]]:
    """The arrays of a checkpoint: parameters, fitted values of the pipeline, training state."""
    parts: dict[str, dict[str, Array]] = {"": {}, PREPROCESS: {}, TRAINING: {}}
    for name, array in arrays.items():
        prefix = next((each for each in (PREPROCESS, TRAINING) if name.startswith(each)), "")
        parts[prefix][name.removeprefix(prefix)] = array
    return parts[""], parts[PREPROCESS], parts[TRAINING]


def columns_as_json(columns: Columns) -> Any:
    """The columns of a table as JSON values."""
    if columns is None:
        return None
    return [{"name": column.name, "categories": column.categories} for column in columns]


def columns_from_json(found: Any) -> Columns:
    """The columns that ``columns_as_json`` has written."""
    if found is None:
        return None
    return tuple(
        Column(each["name"], None if each["categories"] is None else tuple(each["categories"]))
        for each in found
    )
