"""Precision."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.nn.metrics.base import metric
from dlrun.nn.metrics.counts import ClassMetric, Counts


@metric("precision")
class Precision(ClassMetric):
    """Fraction of the samples predicted to be of a class that are of it.

    0 for a class that is never predicted.  ``macro`` skips classes that are neither predicted nor
    present in the set, but no labels.
    """

    def parts(self, counts: Counts) -> tuple[Array, Array]:
        """True positives; predicted positives."""
        return counts.right, counts.said
