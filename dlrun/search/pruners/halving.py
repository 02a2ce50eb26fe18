"""Successive halving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import PositiveInt

from dlrun.search.pruners.base import ReductionFactor, SynchronousPruner, best, powers, pruner


@pruner("halving")
class Halving(SynchronousPruner):
    """Successive halving: only the best 1/factor of the trials train for more epochs, repeatedly.

    Jamieson & Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization",
    AISTATS 2016.  All trials of a batch train up to a rung before any continues.  Trials continue
    if they are among the best 1/factor of all that ever reached the rung.
    """

    min_epochs: PositiveInt = 3
    """Epochs at the first rung."""
    factor: ReductionFactor = 3
    """Factor by which epochs grow from rung to rung; the best 1/factor of the trials continue."""

    def bracket(self, trial: int, epochs: int) -> int:
        """One bracket for all trials."""
        return 0

    def rungs(self, epochs: int, bracket: int = 0) -> Sequence[int]:
        """``min_epochs`` times powers of ``factor``."""
        return powers(self.min_epochs, self.factor, epochs)

    def survivors(self, batch: Mapping[int, float], before: Sequence[float]) -> list[int]:
        """The best ones; ties go to the earlier trial."""
        return best(batch, before, self.factor)
