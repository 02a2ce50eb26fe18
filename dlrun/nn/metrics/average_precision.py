"""Area under the curve of precision over recall."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.metric import metric
from dlrun.nn.metrics.ranking import Ranking


@metric("average_precision")
class AveragePrecision(Ranking):
    """Sum of (recall step) * precision from the surest prediction down, without interpolation.

    Zhu, "Recall, precision and average precision", 2004.  Two classes are ranked by the probability
    of the second; of more classes, and of labels, each is ranked against the rest and the mean is
    taken.  A class or label that the part has not, or has nothing else of, is left out; NaN where
    none is left.  Keeps all predictions of a pass in memory.
    """

    def score(self, scores: Array, true: Array) -> float:
        """Over the thresholds, of which equal scores are one."""
        order = np.argsort(-scores, kind="stable")
        ranked = scores[order]
        edges = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
        right = np.cumsum(true[order])[edges]
        precision = right / (edges + 1)
        recall = right / right[-1]
        return float(np.sum(np.diff(recall, prepend=0.0) * precision))
