"""Scaling to mean 0 and standard deviation 1."""

from __future__ import annotations

from dlrun.data.dataset import Dataset
from dlrun.data.moments import moments
from dlrun.data.preprocess.affine import Affine, affine, affine_state
from dlrun.data.preprocess.base import Columns, Preprocess, State, preprocess


@preprocess("standardize")
class Standardize(Preprocess):
    """Scale to mean 0 and standard deviation 1: (x - mean) / std, both of the training set.

    Computed per numeric column of a table, or per channel (the last axis) of other inputs.
    Categorical columns stay unchanged; a constant becomes 0.
    """

    def measure(self, train: Dataset) -> State:
        """Mean and standard deviation, (channels,)."""
        found = moments(train.inputs)
        return affine_state(train.columns, found.mean, found.std)

    def restore(self, columns: Columns, state: State) -> Affine:
        """The fitted step with these statistics."""
        return affine(columns, state)
