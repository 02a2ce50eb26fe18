"""Area under the precision-recall curve."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.metrics.base import metric
from dlrun.nn.metrics.ranking import Ranking


@metric("average_precision")
class AveragePrecision(Ranking):
    """Area under the precision-recall curve, without interpolation.

    Sum of (increase in recall) * precision over falling thresholds.  Zhu, "Recall, precision and
    average precision", 2004.  Two classes are ranked by the probability of the second; with more
    classes or labels, each is ranked against the rest and the scores are averaged.  Classes and
    labels without positive or without negative samples in the set are skipped; NaN if none is left.
    Keeps all predictions of a pass in memory.
    """

    def score(self, scores: Array, true: Array) -> float:
        """Sums over the thresholds; equal scores share one."""
        order = np.argsort(-scores, kind="stable")
        ranked = scores[order]
        edges = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
        right = np.cumsum(true[order])[edges]
        precision = right / (edges + 1)
        recall = right / right[-1]
        return float(np.sum(np.diff(recall, prepend=0.0) * precision))
