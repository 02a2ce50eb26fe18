"""What a schedule is: the learning rate over a run, as a factor on the optimizer's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from dlrun.nn.state import Kept
from dlrun.spec.component import Component
from dlrun.spec.fields import NonNegative
from dlrun.spec.registry import Registry


@dataclass(slots=True)
class Plateau(Kept):
    """What a schedule makes of a metric, as plain numbers that can be stored and put back.

    Attributes:
        factor: on the learning rate, beside the schedule's own.
    """

    kept: ClassVar[tuple[str, ...]] = ("factor",)

    factor: float = field(default=1.0, init=False)

    def record(self, epoch: int, value: float) -> None:
        """Take in an epoch's value; epochs count from 1."""
        raise NotImplementedError


class Schedule(Component):
    """The root of all schedules: a pure function of the position in the run, asked every step.

    What depends on how training goes is a ``Plateau`` beside it.
    """

    family: ClassVar = Registry["Schedule"]("schedule")

    warmup: NonNegative = 0.0
    """Epochs over which the rate first rises in a straight line to where the schedule begins."""

    def factor(self, step: int, steps: int, epochs: int) -> float:
        """The factor on the learning rate.

        Args:
            step: steps done so far in the run.
            steps: steps in an epoch.
            epochs: epochs planned.
        """
        warm = round(self.warmup * steps)
        if step < warm:
            # Not from 0: the first step should move, too.
            return (step + 1) / warm * self.after_warmup(0.0, epochs)
        return self.after_warmup((step - warm) / steps, epochs - warm / steps)

    def unreached(self, epochs: int) -> str | None:
        """What a run of so many epochs never comes to; None where that is nothing."""
        if self.warmup >= epochs:
            return f"a warm-up of {self.warmup:g} epochs is not over after {epochs}"
        what = self.unreached_after_warmup(epochs - self.warmup)
        return None if what is None else f"{self.kind} {what}, and there are {epochs} epochs"

    def unreached_after_warmup(self, epochs: float) -> str | None:
        """The same for what comes after the warm-up, in so many epochs, as a predicate."""
        return None

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """The factor ``epoch`` epochs behind the warm-up, out of ``epochs``."""
        raise NotImplementedError

    def plateau(self, mode: Literal["min", "max"]) -> Plateau | None:
        """The state of a run in which less or more of the metric is better; None watches none."""
        return None


schedule = Schedule.family


_SLACK = 1e-9
"""A part of a period that no step is: nearer than this to its end is at its end."""


def turns(epoch: float, period: float) -> tuple[int, float]:
    """How many periods are over, and the part of the next one that is, 0 up to 1.

    The step at which a period ends belongs to the next one, also where a period such as 1.1 epochs
    and the steps of it have no exact quotient.
    """
    number, part = divmod(epoch / period, 1.0)
    return (int(number) + 1, 0.0) if part > 1.0 - _SLACK else (int(number), part)


def progress(epoch: float, epochs: float) -> float:
    """The part of a run that is over, 0 to 1; 1 where there is no run."""
    return min(1.0, epoch / epochs) if epochs > 0 else 1.0
