"""Shifting and scaling each column or channel, as all scaling steps do."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.moments import need_statistics
from dlrun.data.preprocess.base import Columns, State

_CHUNK = 1 << 18  # values; 2 MiB as float64


@dataclass(frozen=True, slots=True)
class Affine:
    """(x - shift) / scale along the last axis.

    Attributes:
        columns: of the table, unchanged.
        shift: (channels,) float64.
        scale: (channels,) float64, never 0.
    """

    columns: Columns
    shift: Array
    scale: Array

    def apply(self, inputs: Array) -> Array:
        """Shift and scale; NaN stays NaN."""
        result = np.empty_like(inputs)
        rows = max(1, _CHUNK // max(1, math.prod(inputs.shape[1:])))
        with np.errstate(over="ignore"):  # values beyond float32 become infinite
            for start in range(0, len(inputs), rows):
                part = slice(start, start + rows)
                # Computed in float64, because shift is, and rounded once at the end.
                result[part] = (inputs[part] - self.shift) / self.scale
        return result


def affine(columns: Columns, state: State) -> Affine:
    """The fitted step from the result of ``affine_state``, which may have been damaged on the disk.

    Raises:
        KeyError: it is not the state of such a step.
        ValueError: no data has such statistics.
    """
    need_statistics(state["shift"], state["scale"])
    return Affine(columns, state["shift"], state["scale"])


def affine_state(columns: Columns, shift: Array, scale: Array) -> State:
    """Shift and scale, without effect on categorical columns; constants are only shifted.

    Args:
        columns: the columns; None for inputs that are not a table.
        shift: (channels,) float64.
        scale: (channels,) float64; 0 for a constant.
    """
    categorical = np.array(
        [column.categorical for column in columns] if columns else [False] * len(shift)
    )
    return {
        "shift": np.where(categorical, 0.0, shift),
        "scale": np.where(categorical | (scale == 0.0), 1.0, scale),
    }
