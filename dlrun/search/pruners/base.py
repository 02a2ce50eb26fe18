"""What a pruner is: it ends trials early that do worse than others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from dlrun.spec.component import Component
from dlrun.spec.registry import Registry

Factor = Annotated[int, Field(ge=2)]
"""How many times as many epochs a rung has as the one before it."""


class Pruner(Component):
    """The root of all pruners."""

    family: ClassVar = Registry["Pruner"]("pruner")


class SynchronousPruner(Pruner):
    """Compares at *rungs*, numbers of epochs at which all trials of a batch meet.

    Nothing depends on which of them came first, so a study gives the same whatever its workers.
    """

    common: ClassVar[bool] = True

    def bracket(self, trial: int, epochs: int) -> int:
        """The bracket of a trial; those of one bracket have the same rungs and compare.

        Args:
            trial: its number.
            epochs: of a trial that is never pruned.
        """
        raise NotImplementedError

    def rungs(self, epochs: int, bracket: int) -> Sequence[int]:
        """The numbers of epochs at which trials are compared, rising, before the last epoch.

        Args:
            epochs: of a trial that is never pruned.
            bracket: of the trials.
        """
        raise NotImplementedError

    def survivors(self, batch: Mapping[int, float], before: Sequence[float]) -> list[int]:
        """The trials of a batch that go on behind a rung.

        Args:
            batch: values at the rung by the number of the trial, less is better.
            before: the values that trials of earlier batches had there.
        """
        raise NotImplementedError


class PromotingPruner(Pruner):
    """Halts every trial at each rung, and lets one go on whenever a worker is free."""

    common: ClassVar[bool] = True

    def rungs(self, epochs: int) -> Sequence[int]:
        """The numbers of epochs at which trials are halted, rising, before the last epoch.

        Args:
            epochs: of a trial that is never pruned.
        """
        raise NotImplementedError

    def promoted(self, values: Mapping[int, float], gone: Collection[int]) -> int | None:
        """The trial that goes on behind a rung; None where none has earned it.

        Args:
            values: at the rung by the number of the trial, less is better.
            gone: trials that went on before.
        """
        raise NotImplementedError


class StoppingPruner(Pruner):
    """Looks at a run behind every epoch, and ends it where it stands."""

    common: ClassVar[bool] = True

    def stops(self, curve: Sequence[float], others: Sequence[Sequence[float]]) -> bool:
        """Whether a run ends behind its latest epoch.

        Args:
            curve: its values by epoch, less is better.
            others: those of runs that came to their end.
        """
        raise NotImplementedError


pruner = Pruner.family


def powers(first: int, factor: int, end: int) -> list[int]:
    """``first`` times powers of ``factor``, as far as they are less than ``end``."""
    found = []
    while first < end:
        found.append(first)
        first *= factor
    return found


def best(batch: Mapping[int, float], before: Sequence[float], factor: int) -> list[int]:
    """The trials of a batch among the best 1/factor of all; of equals, those that came first."""
    places = max(1, (len(batch) + len(before)) // factor)
    order = [(value, -1, 0) for value in before]
    order += [(value, 0, number) for number, value in batch.items()]
    return sorted(number for _, here, number in sorted(order)[:places] if here == 0)
