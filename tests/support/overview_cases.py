"""Sets of small tables with two classes, as ``overview`` takes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from dlrun.data.dataset import Column, Dataset
from dlrun.data.parts import Parts


def parts(**data: Dataset) -> Parts:
    start, rows = 0, {}
    for name, part in data.items():
        rows[name] = np.arange(start, start + len(part))
        start += len(part)
    return Parts(data, rows, "")


def table(inputs: ArrayLike, codes: ArrayLike, *columns: Column) -> Dataset:
    inputs = np.asarray(inputs, np.float32)
    named = columns or tuple(Column(f"x{n}") for n in range(inputs.shape[1]))
    return Dataset(inputs, np.asarray(codes), "classification", ("a", "b"), named)
