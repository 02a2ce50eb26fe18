"""What a schedule is: the learning rate over a run, as a factor on the optimizer's own."""

from __future__ import annotations

from typing import ClassVar

from dlrun.spec.component import Component
from dlrun.spec.fields import NonNegative
from dlrun.spec.registry import Registry


class Schedule(Component):
    """The root of all schedules: a pure function of the position in the run, asked every step."""

    family: ClassVar = Registry["Schedule"]("schedule")

    warmup: NonNegative = 0.0
    """Epochs over which the rate first rises in a straight line to its full value."""

    def factor(self, step: int, steps: int, epochs: int) -> float:
        """The factor on the learning rate.

        Args:
            step: steps done so far in the run.
            steps: steps in an epoch.
            epochs: epochs planned.
        """
        warm = round(self.warmup * steps)
        if step < warm:
            return (step + 1) / warm  # not from 0: the first step should move, too
        return self.after_warmup((step - warm) / steps, epochs - warm / steps)

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """The factor ``epoch`` epochs behind the warm-up, out of ``epochs``."""
        raise NotImplementedError


schedule = Schedule.family
