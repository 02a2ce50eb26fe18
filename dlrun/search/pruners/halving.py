"""Successive halving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import PositiveInt

from dlrun.search.pruners.base import Factor, SynchronousPruner, best, powers, pruner


@pruner("halving")
class Halving(SynchronousPruner):
    """A part of the trials, the best, go on to a multiple of the epochs, and so on to the end.

    Jamieson & Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization",
    AISTATS 2016.  All trials of a batch train to a rung before any goes on.  Those go on that are
    among the best 1/factor of all that ever reached the rung.
    """

    min_epochs: PositiveInt = 3
    """Epochs of the first rung."""
    factor: Factor = 3
    """How many times the epochs the next rung has, and what part of the trials reaches it."""

    def bracket(self, trial: int, epochs: int) -> int:
        """All are in one."""
        return 0

    def rungs(self, epochs: int, bracket: int = 0) -> Sequence[int]:
        """``min_epochs`` times powers of ``factor``."""
        return powers(self.min_epochs, self.factor, epochs)

    def survivors(self, batch: Mapping[int, float], before: Sequence[float]) -> list[int]:
        """Those among the best; of equals, the ones that came first."""
        return best(batch, before, self.factor)
