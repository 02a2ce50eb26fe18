"""Recall."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.nn.metric import metric
from dlrun.nn.metrics.counts import Averaged, Counts


@metric("recall")
class Recall(Averaged):
    """Of the samples of a class, the share that was said to be.

    0 for a class that was said but is never true.  ``macro`` leaves out classes that are neither
    true nor said in the part, but no labels.  ``balanced_accuracy`` leaves out all that are not
    true.
    """

    def parts(self, counts: Counts) -> tuple[Array, Array]:
        """Right of those true."""
        return counts.right, counts.true
