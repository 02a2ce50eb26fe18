"""Precision."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.nn.metric import metric
from dlrun.nn.metrics.counts import Averaged, Counts


@metric("precision")
class Precision(Averaged):
    """Of the samples that were said to be of a class, the share that is.

    0 for a class that was never said.  ``macro`` leaves out classes that are neither true nor said
    in the part, but no labels.
    """

    def parts(self, counts: Counts) -> tuple[Array, Array]:
        """Right of those said."""
        return counts.right, counts.said
