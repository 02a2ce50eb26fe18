"""The base of pruners: they stop trials early that do worse than others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry

ReductionFactor = Annotated[int, Field(ge=2)]
"""Factor by which the epochs of a rung exceed those of the previous one."""


class Pruner(Component):
    """Base class of all pruners."""

    family: ClassVar = Registry["Pruner"]("pruner")

    def unreached(self, epochs: int, trials: int | None) -> str | None:
        """Why no trial can be pruned, in words; None if some can.

        Args:
            epochs: of a trial that is never pruned.
            trials: of the study; None if their number is not known.
        """
        return None

    def stages(self, epochs: int, trial: int = 0) -> Sequence[int]:
        """The numbers of epochs at which a trial waits to be compared, before its last one.

        Empty for a pruner that does not know them in advance.

        Args:
            epochs: of a trial that is never pruned.
            trial: its number.
        """
        return ()

    def _without(self, rungs: Sequence[int], epochs: int) -> str | None:
        """Why no trial can be pruned if no rung is before the last epoch; None if one is."""
        return None if rungs else f"{self.kind} has no rung before epoch {epochs}"


class SynchronousPruner(Pruner):
    """Compares trials at *rungs*, numbers of epochs at which all trials of a batch are compared.

    Nothing depends on the order in which trials finish, so the number of workers does not change
    the result.
    """

    common: ClassVar[bool] = True

    def unreached(self, epochs: int, trials: int | None) -> str | None:
        """If all rungs are after the last epoch."""
        return self._without(self.rungs(epochs, 0), epochs)

    def stages(self, epochs: int, trial: int = 0) -> Sequence[int]:
        """The rungs of the trial's bracket."""
        return self.rungs(epochs, self.bracket(trial, epochs))

    def bracket(self, trial: int, epochs: int) -> int:
        """The bracket of a trial; trials of the same bracket have the same rungs and are compared.

        Args:
            trial: its number.
            epochs: of a trial that is never pruned.
        """
        raise NotImplementedError

    def rungs(self, epochs: int, bracket: int) -> Sequence[int]:
        """The numbers of epochs at which trials are compared, increasing, before the last epoch.

        Args:
            epochs: of a trial that is never pruned.
            bracket: of the trials.
        """
        raise NotImplementedError

    def survivors(self, batch: Mapping[int, float], before: Sequence[float]) -> list[int]:
        """The trials of a batch that continue after a rung.

        Args:
            batch: values at the rung by trial number, lower is better.
            before: the values of trials of earlier batches at this rung.
        """
        raise NotImplementedError


class PromotingPruner(Pruner):
    """Pauses every trial at each rung, and continues one whenever a worker is free."""

    common: ClassVar[bool] = True

    def unreached(self, epochs: int, trials: int | None) -> str | None:
        """If all rungs are after the last epoch."""
        return self._without(self.rungs(epochs), epochs)

    def stages(self, epochs: int, trial: int = 0) -> Sequence[int]:
        """The rungs, which are those of all trials."""
        return self.rungs(epochs)

    def rungs(self, epochs: int) -> Sequence[int]:
        """The numbers of epochs at which trials are paused, increasing, before the last epoch.

        Args:
            epochs: of a trial that is never pruned.
        """
        raise NotImplementedError

    def promoted(self, values: Mapping[int, float], gone: Collection[int]) -> int | None:
        """The trial to continue after a rung; None if no trial qualifies.

        Args:
            values: at the rung by trial number, lower is better.
            gone: trials that have already continued.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Curve:
    """What is known of a trial.

    Attributes:
        trial: its number.
        columns: (columns,), its settings as numbers.
        values: at the rungs that it has reached, and at the end, lower is better; NaN at the one at
            which it failed; empty if it has not started.
        ended: whether it has failed or been trained to the end.
        waits: whether it is not to be trained further, although it has not ended.
    """

    trial: int
    columns: Array
    values: Sequence[float]
    ended: bool
    waits: bool = False


class ChoosingPruner(Pruner):
    """Pauses every trial at each rung, and chooses in turns which ones train up to the next.

    All trials of a turn reach their rung before the next ones are chosen, so the number of workers
    does not change the result.
    """

    common: ClassVar[bool] = True

    def unreached(self, epochs: int, trials: int | None) -> str | None:
        """If all rungs are after the last epoch."""
        return self._without(self.rungs(epochs), epochs)

    def rungs(self, epochs: int) -> Sequence[int]:
        """The numbers of epochs at which trials are paused, increasing, before the last epoch.

        Args:
            epochs: of a trial that is never pruned.
        """
        raise NotImplementedError

    def choose(
        self, curves: Sequence[Curve], epochs: int, floor: float | None = None, step: float = 0.0
    ) -> list[int]:
        """The trials that train up to their next rung, or start; empty if none is worth it.

        Args:
            curves: of all trials, by number.
            epochs: of a trial that is never pruned.
            floor: the lowest possible value; None if there is none.
            step: the smallest difference of values; 0 if they are continuous.
        """
        raise NotImplementedError


class ReplacingPruner(Pruner):
    """Ends trials at rungs, and replaces each by one that continues a better one with new settings.

    All trials reach a rung before any is replaced, so the number of workers does not change the
    result.
    """

    common: ClassVar[bool] = True

    def unreached(self, epochs: int, trials: int | None) -> str | None:
        """If all rungs are after the last epoch, or there is only one trial."""
        if trials is not None and trials < 2:
            return f"{self.kind} needs two trials"
        return self._without(self.rungs(epochs), epochs)

    def stages(self, epochs: int, trial: int = 0) -> Sequence[int]:
        """The rungs, which are those of all trials."""
        return self.rungs(epochs)

    def rungs(self, epochs: int) -> Sequence[int]:
        """The numbers of epochs at which trials are compared, increasing, before the last epoch.

        Args:
            epochs: of a trial.
        """
        raise NotImplementedError

    def parents(
        self, trials: Sequence[int], values: Mapping[int, float], random: np.random.Generator
    ) -> dict[int, int]:
        """For each trial that is replaced, the trial whose training its replacement continues.

        Args:
            trials: the trials that are compared, by number.
            values: of those that have not failed, by number, lower is better.
            random: determines the choice of the parents.

        Returns:
            All failed trials among others; empty if all trials have failed.
        """
        raise NotImplementedError

    def explored(
        self, space: Space, settings: Mapping[str, Any], random: np.random.Generator
    ) -> Suggestion:
        """The settings with which a replacement continues.

        Args:
            space: the search space.
            settings: of the trial that it continues.
            random: determines the result.
        """
        raise NotImplementedError


class StoppingPruner(Pruner):
    """Checks a run after every epoch, and can stop it there."""

    common: ClassVar[bool] = True

    def stops(self, curve: Sequence[float], others: Sequence[Sequence[float]]) -> bool:
        """Whether a run stops after its latest epoch.

        Args:
            curve: its values by epoch, lower is better.
            others: the curves of finished runs.
        """
        raise NotImplementedError


pruner = Pruner.family


def powers(first: int, factor: int, end: int) -> list[int]:
    """``first`` times powers of ``factor``, while they are less than ``end``."""
    found = []
    while first < end:
        found.append(first)
        first *= factor
    return found


def best(batch: Mapping[int, float], before: Sequence[float], factor: int) -> list[int]:
    """The trials of a batch among the best 1/factor of all; ties go to the earlier trial."""
    places = max(1, (len(batch) + len(before)) // factor)
    order = [(value, -1, 0) for value in before]
    order += [(value, 0, number) for number, value in batch.items()]
    return sorted(number for _, here, number in sorted(order)[:places] if here == 0)
