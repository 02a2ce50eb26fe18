"""Labeled points in the plane, which the synthetic sources generate."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.data.dataset import Column, Dataset
from dlrun.errors import DataError

Samples = Annotated[int, Field(ge=1, le=100_000_000)]
"""Number of points in all classes."""

Classes = Annotated[int, Field(ge=2, le=1000)]
"""Number of classes."""


def labels(samples: int, classes: int) -> Array:
    """Class codes in turn, (samples,) int64, so that the sizes of classes differ by at most 1.

    Raises:
        DataError: there are fewer samples than classes.
    """
    if samples < classes:
        raise DataError(
            f"{samples} samples are too few for {classes} classes; raise data.source.samples"
        )
    return np.arange(samples, dtype=np.int64) % classes


def positions(codes: Array, classes: int) -> Array:
    """The position of each point in its class, evenly spaced from 0 to 1."""
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
