"""An overview of a spec's data; other sections of the spec may have errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from dlrun import catalog
from dlrun.arrays import Array
from dlrun.data.parts import Parts, read_parts
from dlrun.data.samples import value_range
from dlrun.experiment.experiment import Experiment
from dlrun.experiment.read import data_of
from dlrun.spec.document import Document
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides

_MOST_ROWS = 60
"""Maximum number of rows in a picture: classes, or samples without classes."""


def parts_of(
    spec: Given, overrides: Overrides = (), read: Callable[..., Parts] = read_parts
) -> Parts:
    """Read and split the data of a spec.

    Args:
        spec: path of the YAML file, or its content as a mapping; relative paths in it start at the
            file's folder, or at the working directory.
        overrides: values that replace those of keys.
        read: makes the data from the section, the seed and the folder where paths start.

    Raises:
        SpecError: the ``data`` section or the data has errors; the message lists all of them.
    """
    catalog.load()
    document = Document.open(spec, Experiment, overrides)
    parts = data_of(document, read)
    document.problems.raise_if_any()
    if parts is None:
        document.build({})  # which raises the error
    assert parts is not None
    return parts


def shown_samples(parts: Parts, columns: int) -> Mapping[str, Array]:
    """Training samples for a picture: one row per class, or all in order without classes.

    Values are scaled to 0 to 1.

    Args:
        parts: sets whose samples are images.
        columns: maximum number of samples per row.
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
