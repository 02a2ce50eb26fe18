"""Mean 0, deviation 1."""

from __future__ import annotations

from dlrun.data.dataset import Dataset
from dlrun.data.preprocess.affine import Affine, affine_state
from dlrun.data.preprocess.moments import moments
from dlrun.data.preprocessor import Columns, Preprocess, State, preprocess


@preprocess("standardize")
class Standardize(Preprocess):
    """(x - mean) / standard deviation, both of the training part.

    For each numeric column of a table; for other inputs for each channel, the last axis of a
    sample.  Categorical columns stay as they are; a constant becomes 0.
    """

    def measure(self, train: Dataset) -> State:
        """Mean and deviation, (channels,)."""
        found = moments(train.inputs)
        return affine_state(train.columns, found.mean, found.deviation)

    def restore(self, columns: Columns, state: State) -> Affine:
        """The step with these statistics."""
        return Affine(columns, state["shift"], state["scale"])
