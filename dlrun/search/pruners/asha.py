"""Asynchronous successive halving."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pydantic import PositiveInt

from dlrun.search.pruners.base import Factor, PromotingPruner, powers, pruner


@pruner("asha")
class Asha(PromotingPruner):
    """Successive halving in which no worker waits: whatever is free takes the next run.

    Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht & Talwalkar, "A system for massively
    parallel hyperparameter tuning", MLSys 2020.  A worker looks, from the highest rung down, for a
    trial among the best 1/factor there that has not gone on, and else begins a new trial.  Which
    trials go on depends on which came first: other numbers of workers give other studies.  Where
    trials are too few for one of them to earn its way to the end, the best goes there at last.
    """

    min_epochs: PositiveInt = 3
    """Epochs of the first rung."""
    factor: Factor = 3
    """How many times the epochs the next rung has, and what part of the trials reaches it."""

    def rungs(self, epochs: int) -> Sequence[int]:
        """``min_epochs`` times powers of ``factor``."""
        return powers(self.min_epochs, self.factor, epochs)

    def promoted(self, values: Mapping[int, float], gone: Collection[int]) -> int | None:
        """The best of those among the best 1/factor that has not gone on."""
        order = sorted(values, key=lambda number: (values[number], number))
        top = order[: len(order) // self.factor]
        return next((number for number in top if number not in gone), None)
