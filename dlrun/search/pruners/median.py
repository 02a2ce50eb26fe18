"""The median stopping rule."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from pydantic import PositiveInt

from dlrun.search.pruners.base import StoppingPruner, pruner


@pruner("median")
class Median(StoppingPruner):
    """Stops a run whose best value so far is worse than the median of the others' averages.

    Golovin, Solnik, Moitra, Kochanski, Karro & Sculley, "Google Vizier: a service for black-box
    optimization", KDD 2017.  After each epoch, the best value of the run is compared with the
    median, over all finished runs of the same repeat, of the mean of their values up to that epoch.
    It needs neither rungs nor pauses, but an early run is compared with fewer others, so the result
    depends on the number of workers.
    """

    min_epochs: PositiveInt = 3
    """Minimum number of epochs of every run."""
    min_trials: PositiveInt = 5
    """Runs that must have finished before any is pruned."""

    def unreached(self, epochs: int, trials: int | None) -> str | None:
        """If runs are too short, or there are too few of them."""
        if self.min_epochs >= epochs:
            return f"{self.kind} stops no run before epoch {epochs}"
        if trials is not None and self.min_trials >= trials:
            return f"{self.kind} compares after {self.min_trials} runs, and there are {trials}"
        return None

    def stops(self, curve: Sequence[float], others: Sequence[Sequence[float]]) -> bool:
        """Whether the best value of the curve is worse than the median of the others' means."""
        epoch = len(curve)
        if epoch < self.min_epochs or len(others) < self.min_trials:
            return False
        means = [math.fsum(other[:epoch]) / len(other[:epoch]) for other in others]
        return min(curve) > statistics.median(means)
