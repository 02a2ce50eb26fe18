"""The data of a spec, looked at; nothing else of the spec has to be right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from dlrun.arrays import Array
from dlrun.data.prepared import Parts, read_parts
from dlrun.data.samples import value_range
from dlrun.spec.document import Document
from dlrun.spec.overrides import Overrides
from dlrun.training.compile import data_of
from dlrun.training.experiment import Experiment

_MOST_ROWS = 60
"""Classes in a picture, or rows of samples where there are none."""


def parts_of(spec: Path, overrides: Overrides = ()) -> Parts:
    """Read and split the data of a spec.

    Args:
        spec: path of the YAML file; paths in it are relative to its folder.
        overrides: keys with other values.

    Raises:
        SpecError: the section on data or the data itself has faults.
    """
    document = Document.open(spec, Experiment, overrides)
    parts = data_of(document, read_parts)
    document.problems.raise_if_any()
    if parts is None:
        document.build({})  # which says that there is no data
    assert parts is not None
    return parts


def shown_samples(parts: Parts, columns: int) -> Mapping[str, Array]:
    """Training samples for a picture, in rows: of each class the first, else those in order.

    Values are brought to 0 to 1.

    Args:
        parts: with samples that are images.
        columns: samples in a row, at most.
    """
    low, high = map(np.float32, value_range(parts.data["train"].inputs))
    return {name: (images - low) / (high - low) for name, images in _rows(parts, columns)}


def _rows(parts: Parts, columns: int) -> Iterator[tuple[str, Array]]:
    train = parts.data["train"]
    if train.task == "classification" and train.classes is not None and train.codes.ndim == 1:
        for code, name in list(enumerate(train.classes))[:_MOST_ROWS]:
            yield name, train.inputs[np.flatnonzero(train.codes == code)[:columns]]
        return
    for start in range(0, min(len(train), columns * columns), columns):
        yield str(start), train.inputs[start : start + columns]
