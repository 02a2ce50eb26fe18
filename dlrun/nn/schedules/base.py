"""The base of learning-rate schedules: a factor on the optimizer's learning rate over a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from dlrun.nn.state import Kept
from dlrun.spec.component import Component
from dlrun.spec.fields import NonNegative
from dlrun.spec.registry import Registry


@dataclass(slots=True)
class Plateau(Kept):
    """A schedule's response to a metric, as plain values that can be saved and restored.

    Attributes:
        factor: on the learning rate, in addition to the schedule's own.
    """

    kept: ClassVar[tuple[str, ...]] = ("factor",)

    factor: float = field(default=1.0, init=False)

    def record(self, epoch: int, value: float) -> None:
        """Add an epoch's value of the metric; epochs count from 1."""
        raise NotImplementedError


class Schedule(Component):
    """Base class of all schedules: pure functions of the position in the run.

    Schedules that depend on a metric also have a ``Plateau``.
    """

    family: ClassVar = Registry["Schedule"]("schedule")

    warmup: NonNegative = 0.0
    """Epochs of warm-up, in which the learning rate rises linearly to the schedule's first
    value."""

    def factor(self, step: int, steps: int, epochs: int) -> float:
        """The factor on the learning rate.

        Args:
            step: steps done so far in the run.
            steps: steps per epoch.
            epochs: planned epochs.
        """
        warm = round(self.warmup * steps)
        if step < warm:
            # Not from 0: the first step should change the weights, too.
            return (step + 1) / warm * self.after_warmup(0.0, epochs)
        return self.after_warmup((step - warm) / steps, epochs - warm / steps)

    def unreached(self, epochs: int) -> str | None:
        """What a run of so many epochs does not reach of the schedule; None if it reaches all."""
        if self.warmup >= epochs:
            return f"a warm-up of {self.warmup:g} epochs is not over after {epochs}"
        what = self.unreached_after_warmup(epochs - self.warmup)
        return None if what is None else f"{self.kind} {what}, and there are {epochs} epochs"

    def unreached_after_warmup(self, epochs: float) -> str | None:
        """The same for the schedule after the warm-up, which has so many epochs, as a predicate."""
        return None

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """The factor ``epoch`` epochs after the warm-up, out of ``epochs``."""
        raise NotImplementedError

    def plateau(self, mode: Literal["min", "max"]) -> Plateau | None:
        """The initial state for a metric of which less or more is better; None: watch no metric."""
        return None


schedule = Schedule.family


_SLACK = 1e-9
"""Fraction of a period, smaller than any step: positions this near to its end are at its end."""


def turns(epoch: float, period: float) -> tuple[int, float]:
    """Number of completed periods, and the completed fraction of the current one, 0 up to 1.

    The step at which a period ends belongs to the next one, even if rounding places it just before
    the end, as with a period of 1.1 epochs.
    """
    number, part = divmod(epoch / period, 1.0)
    return (int(number) + 1, 0.0) if part > 1.0 - _SLACK else (int(number), part)


def progress(epoch: float, epochs: float) -> float:
    """The completed fraction of a run, 0 to 1; 1 for a run without epochs."""
    return min(1.0, epoch / epochs) if epochs > 0 else 1.0
