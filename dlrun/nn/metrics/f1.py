"""The F1 score."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.nn.metrics.base import metric
from dlrun.nn.metrics.counts import ClassMetric, Counts


@metric("f1")
class F1(ClassMetric):
    """F1 score: the harmonic mean of precision and recall.

    2 * true positives / (predicted + actual positives) (van Rijsbergen, 1979); 0 without true
    positives.  ``macro`` skips classes that are neither predicted nor present in the set, but no
    labels.
    """

    def parts(self, counts: Counts) -> tuple[Array, Array]:
        """Twice the true positives; predicted plus actual positives."""
        return 2 * counts.right, counts.said + counts.true
