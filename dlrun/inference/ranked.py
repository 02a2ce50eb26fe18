"""One class against the rest: counts at each threshold, areas, and a bounded number of points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.run_directory.curves import GRID

POINTS = 128
"""Maximum number of points of a curve in the file."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """The curve at every distinct score, from the highest to the lowest.

    Attributes:
        thresholds: the scores, (p,).
        found: positive samples with at least this score, (p,) int64.
        wrong: negative ones, (p,) int64.
    """

    thresholds: Array
    found: Array
    wrong: Array

    @classmethod
    def of(cls, scores: Array, true: Array) -> Ranked:
        """The curve of scores, (m,), of which ``true``, (m,) bool, are positive."""
        order = np.argsort(-scores, kind="stable")
        scores, true = scores[order], true[order]
        last = np.append(np.flatnonzero(scores[1:] != scores[:-1]), len(scores) - 1)
        found = np.cumsum(true)[last]
        return cls(scores[last], found, last + 1 - found)

    @property
    def recall(self) -> Array:
        """True positive rate, (p,)."""
        return np.asarray(self.found / self.found[-1])

    @property
    def wrong_rate(self) -> Array:
        """False positive rate, (p,)."""
        return np.asarray(self.wrong / self.wrong[-1])

    @property
    def precision(self) -> Array:
        """Positive fraction of the samples found, (p,)."""
        return np.asarray(self.found / (self.found + self.wrong))

    def roc_auc(self) -> float:
        """Area under the ROC curve, by trapezoids from (0, 0)."""
        return float(np.trapezoid(np.append(0.0, self.recall), np.append(0.0, self.wrong_rate)))

    def average_precision(self) -> float:
        """Sum of precision times increase of recall."""
        return float(np.sum(np.diff(self.recall, prepend=0.0) * self.precision))

    def mean_parts(self) -> tuple[Array, Array]:
        """Recall at ``GRID`` false positive rates, and precision at ``GRID`` recalls."""
        grid = np.linspace(0.0, 1.0, GRID)
        recall = np.interp(grid, np.append(0.0, self.wrong_rate), np.append(0.0, self.recall))
        at = np.searchsorted(self.recall, grid - 1e-12)
        return recall, self.precision[np.minimum(at, len(self.recall) - 1)]

    def thinned(self) -> Ranked:
        """At most ``POINTS`` points, evenly spaced along the ROC curve, with both ends."""
        if len(self.thresholds) <= POINTS:
            return self
        length = self.recall + self.wrong_rate
        kept = np.searchsorted(length, np.linspace(length[0], length[-1], POINTS))
        kept = np.unique(np.clip(kept, 0, len(length) - 1))
        return Ranked(self.thresholds[kept], self.found[kept], self.wrong[kept])
