"""A learning rate that falls linearly."""

from __future__ import annotations

from dlrun.nn.schedules.base import Schedule, progress, schedule
from dlrun.spec.fields import Fraction


@schedule("linear")
class Linear(Schedule):
    """The learning rate falls linearly, from its full value to ``final`` at the end of the run."""

    final: Fraction = 0.0
    """Final learning rate, as a fraction of the full one."""

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """final + (1 - final) (1 - epoch / epochs)."""
        return self.final + (1.0 - self.final) * (1.0 - progress(epoch, epochs))
