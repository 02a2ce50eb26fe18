"""Area under the receiver operating characteristic."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.metric import metric
from dlrun.nn.metrics.ranking import Ranking


@metric("roc_auc")
class RocAuc(Ranking):
    """Probability that a sample of a class is ranked above one outside of it; ties count half.

    Mann & Whitney, 1947; Hanley & McNeil, 1982.  Two classes are ranked by the probability of the
    second; of more classes, and of labels, each is ranked against the rest and the mean is taken.
    A class or label that the part has not, or has nothing else of, is left out; NaN where none is
    left.  Keeps all predictions of a pass in memory.
    """

    def score(self, scores: Array, true: Array) -> float:
        """From the sum of the ranks, equal scores sharing theirs."""
        _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
        last = np.cumsum(count)
        rank = (last - (count - 1) / 2)[place]
        inside = int(np.count_nonzero(true))
        above = float(rank[true].sum()) - inside * (inside + 1) / 2
        return above / (inside * (len(true) - inside))
