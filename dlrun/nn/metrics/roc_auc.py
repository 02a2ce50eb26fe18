"""Area under the receiver operating characteristic (ROC) curve."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.metrics.base import metric
from dlrun.nn.metrics.ranking import Ranking


@metric("roc_auc")
class RocAuc(Ranking):
    """Area under the ROC curve.

    Probability that a random sample of a class is ranked above one outside of it; ties count half.
    Mann & Whitney, 1947; Hanley & McNeil, 1982.  Two classes are ranked by the probability of the
    second; with more classes or labels, each is ranked against the rest and the scores are
    averaged. Classes and labels without positive or without negative samples in the set are
    skipped; NaN if none is left.  Keeps all predictions of a pass in memory.
    """

    def score(self, scores: Array, true: Array) -> float:
        """From the sum of ranks; equal scores share their mean rank."""
        _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
        last = np.cumsum(count)
        rank = (last - (count - 1) / 2)[place]
        inside = int(np.count_nonzero(true))
        above = float(rank[true].sum()) - inside * (inside + 1) / 2
        return above / (inside * (len(true) - inside))
