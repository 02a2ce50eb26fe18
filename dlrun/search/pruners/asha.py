"""Asynchronous successive halving."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pydantic import PositiveInt

from dlrun.search.pruners.base import PromotingPruner, ReductionFactor, powers, pruner


@pruner("asha")
class Asha(PromotingPruner):
    """Asynchronous successive halving: the best 1/factor continue, and no worker waits.

    Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht & Talwalkar, "A system for massively
    parallel hyperparameter tuning", MLSys 2020.  A free worker searches, from the highest rung
    down, for a paused trial among the best 1/factor of its rung; if there is none, it starts a new
    trial.  The result depends on the order in which runs finish, and so on the number of workers.
    If there are too few trials for one of them to reach the end in this way, the best one is
    continued to the end.
    """

    min_epochs: PositiveInt = 3
    """Epochs at the first rung."""
    factor: ReductionFactor = 3
    """Factor by which epochs grow from rung to rung; the best 1/factor of the trials continue."""

    def rungs(self, epochs: int) -> Sequence[int]:
        """``min_epochs`` times powers of ``factor``."""
        return powers(self.min_epochs, self.factor, epochs)

    def promoted(self, values: Mapping[int, float], gone: Collection[int]) -> int | None:
        """The best trial among the best 1/factor that has not continued yet."""
        order = sorted(values, key=lambda number: (values[number], number))
        top = order[: len(order) // self.factor]
        return next((number for number in top if number not in gone), None)
