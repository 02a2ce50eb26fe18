"""Scaling to the range 0 to 1."""

from __future__ import annotations

from dlrun.data.dataset import Dataset
from dlrun.data.moments import moments
from dlrun.data.preprocess.affine import Affine, affine, affine_state
from dlrun.data.preprocess.base import Columns, Preprocess, State, preprocess


@preprocess("min_max")
class MinMax(Preprocess):
    """Scale to 0..1: (x - min) / (max - min), both of the training set.

    Computed per numeric column of a table, or per channel (the last axis) of other inputs.
    Categorical columns stay unchanged; a constant becomes 0.  Values outside the range of the
    training set become less than 0 or more than 1.
    """

    def measure(self, train: Dataset) -> State:
        """Minimum and range, (channels,)."""
        found = moments(train.inputs)
        return affine_state(train.columns, found.low, found.high - found.low)

    def restore(self, columns: Columns, state: State) -> Affine:
        """The fitted step with these statistics."""
        return affine(columns, state)
