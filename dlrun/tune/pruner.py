"""What a pruner is: it ends trials early that do worse than others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from dlrun.spec.component import Component
from dlrun.spec.registry import Registry


class Pruner(Component):
    """The root of all pruners.

    A pruner compares at *rungs*, numbers of epochs at which all trials of a batch meet, so that
    nothing depends on which of them came first.
    """

    family: ClassVar = Registry["Pruner"]("pruner")

    def rungs(self, epochs: int) -> Sequence[int]:
        """The numbers of epochs at which trials are compared, rising, before the last epoch.

        Args:
            epochs: of a trial that is never pruned.
        """
        raise NotImplementedError

    def survivors(self, batch: Mapping[int, float], before: Sequence[float]) -> list[int]:
        """The trials of a batch that go on behind a rung.

        Args:
            batch: values at the rung by the number of the trial, less is better.
            before: the values that trials of earlier batches had there.
        """
        raise NotImplementedError


pruner = Pruner.family
