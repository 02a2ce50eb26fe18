"""Successive halving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field, PositiveInt

from dlrun.tune.pruner import Pruner, pruner


@pruner("halving")
class Halving(Pruner):
    """A part of the trials, the best, go on to a multiple of the epochs, and so on to the end.

    Jamieson & Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization",
    AISTATS 2016.  All trials of a batch train to a rung before any goes on.  Those go on that are
    among the best 1/factor of all that ever reached the rung.
    """

    min_epochs: PositiveInt = 3
    """Epochs of the first rung."""
    factor: Annotated[int, Field(ge=2)] = 3
    """How many times the epochs the next rung has, and what part of the trials reaches it."""

    def rungs(self, epochs: int) -> Sequence[int]:
        """``min_epochs`` times powers of ``factor``."""
        found, rung = [], self.min_epochs
        while rung < epochs:
            found.append(rung)
            rung *= self.factor
        return found

    def survivors(self, batch: Mapping[int, float], before: Sequence[float]) -> list[int]:
        """Those among the best; of equals, the ones that came first."""
        places = max(1, (len(batch) + len(before)) // self.factor)
        order = [(value, -1, 0) for value in before]
        order += [(value, 0, number) for number, value in batch.items()]
        best = sorted(order)[:places]
        return sorted(number for _, here, number in best if here == 0)
