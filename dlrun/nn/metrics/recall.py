"""Recall."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.nn.metrics.base import metric
from dlrun.nn.metrics.counts import ClassMetric, Counts


@metric("recall")
class Recall(ClassMetric):
    """Fraction of the samples of a class that are predicted to be of it.

    0 for a class that is predicted but not present.  ``macro`` skips classes that are neither
    predicted nor present in the set, but no labels.  ``balanced_accuracy`` skips all classes that
    are not present.
    """

    def parts(self, counts: Counts) -> tuple[Array, Array]:
        """True positives; actual positives."""
        return counts.right, counts.true
