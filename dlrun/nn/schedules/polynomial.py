"""A learning rate that falls as a power of the remaining fraction of the run."""

from __future__ import annotations

from dlrun.nn.schedules.base import Schedule, progress, schedule
from dlrun.spec.fields import Fraction, Positive


@schedule("polynomial")
class Polynomial(Schedule):
    """The learning rate falls as a power of the remaining fraction of the run.

    final + (1 - final) (1 - t)^power, t the completed fraction of the run.
    """

    power: Positive = 2.0
    """Exponent; larger values fall faster at first, 1 is linear."""
    final: Fraction = 0.0
    """Final learning rate, as a fraction of the full one."""

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """final + (1 - final) (1 - epoch / epochs) ** power."""
        left = 1.0 - progress(epoch, epochs)
        return float(self.final + (1.0 - self.final) * left**self.power)
