"""The F1 score."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.nn.metric import metric
from dlrun.nn.metrics.counts import Averaged, Counts


@metric("f1")
class F1(Averaged):
    """Harmonic mean of precision and recall: 2 right / (said + true) (van Rijsbergen, 1979).

    0 for a class that was said or is true but never right.  ``macro`` leaves out classes that are
    neither true nor said in the part, but no labels.
    """

    def parts(self, counts: Counts) -> tuple[Array, Array]:
        """Twice the right ones of those said and those true."""
        return 2 * counts.right, counts.said + counts.true
