"""The median stopping rule."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from pydantic import PositiveInt

from dlrun.search.pruners.base import StoppingPruner, pruner


@pruner("median")
class Median(StoppingPruner):
    """Ends a run whose best value so far is worse than what others averaged until then.

    Golovin, Solnik, Moitra, Kochanski, Karro & Sculley, "Google Vizier: a service for black-box
    optimization", KDD 2017.  Behind each epoch, the best value of the run is compared with the
    median over all runs of the same repeat that came to their end of the mean of their values up
    to that epoch.  No rungs and no restarts; but a run that begins early is compared with fewer
    others, so other numbers of workers give other studies.
    """

    min_epochs: PositiveInt = 3
    """Epochs that every run gets."""
    min_trials: PositiveInt = 5
    """Runs that must have come to their end before any is pruned."""

    def stops(self, curve: Sequence[float], others: Sequence[Sequence[float]]) -> bool:
        """Whether the best of the curve is worse than the median of the others' means."""
        epoch = len(curve)
        if epoch < self.min_epochs or len(others) < self.min_trials:
            return False
        means = [math.fsum(other[:epoch]) / len(other[:epoch]) for other in others]
        return min(curve) > statistics.median(means)
