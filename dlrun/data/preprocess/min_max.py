"""The range 0 to 1."""

from __future__ import annotations

from dlrun.data.dataset import Dataset
from dlrun.data.preprocess.affine import Affine, affine_state
from dlrun.data.preprocess.moments import moments
from dlrun.data.preprocessor import Columns, Preprocess, State, preprocess


@preprocess("min_max")
class MinMax(Preprocess):
    """(x - least) / (greatest - least), both of the training part.

    For each numeric column of a table; for other inputs for each channel, the last axis of a
    sample.  Categorical columns stay as they are; a constant becomes 0.  Validation and test may
    go beyond 0 and 1.
    """

    def measure(self, train: Dataset) -> State:
        """Least value and range, (channels,)."""
        found = moments(train.inputs)
        return affine_state(train.columns, found.low, found.high - found.low)

    def restore(self, columns: Columns, state: State) -> Affine:
        """The step with these statistics."""
        return Affine(columns, state["shift"], state["scale"])
