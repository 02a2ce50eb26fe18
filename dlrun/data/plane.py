"""Points of the plane in classes: the form of the synthetic sources."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.data.dataset import Column, Dataset
from dlrun.errors import DataError

Samples = Annotated[int, Field(ge=1, le=100_000_000)]
"""How many points are drawn, over all classes."""

Classes = Annotated[int, Field(ge=2, le=1000)]
"""How many classes there are."""


def labels(samples: int, classes: int) -> Array:
    """Codes of the classes in turn, (samples,) int64, so that their sizes differ by at most 1.

    Raises:
        DataError: there are fewer samples than classes.
    """
    if samples < classes:
        raise DataError(
            f"{samples} samples cannot show {classes} classes; raise data.source.samples"
        )
    return np.arange(samples, dtype=np.int64) % classes


def places(codes: Array, classes: int) -> Array:
    """Where each point stands in its class: evenly spaced, 0 at the first to 1 at the last."""
    rank = np.arange(len(codes)) // classes
    size = np.bincount(codes, minlength=classes)[codes]
    return np.asarray(rank / np.maximum(size - 1, 1))


def points(x: Array, y: Array, codes: Array, classes: int) -> Dataset:
    """The data set of points with these coordinates, each (n,), and codes, (n,)."""
    return Dataset(
        inputs=np.stack((x, y), axis=1).astype(np.float32),
        targets=codes,
        task="classification",
        classes=tuple(str(code) for code in range(classes)),
        columns=(Column("x"), Column("y")),
    )
