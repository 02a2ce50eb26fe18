"""A rate that falls as a power of what is left of the run."""

from __future__ import annotations

from dlrun.nn.schedule import Schedule, progress, schedule
from dlrun.spec.fields import Fraction, Positive


@schedule("polynomial")
class Polynomial(Schedule):
    """A power of the part of the run that is left, from the full rate to ``final`` of it."""

    power: Positive = 2.0
    """More falls faster at first; 1 is a straight line."""
    final: Fraction = 0.0
    """The factor that is reached at the end."""

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """final + (1 - final) (1 - epoch / epochs) ** power."""
        left = 1.0 - progress(epoch, epochs)
        return float(self.final + (1.0 - self.final) * left**self.power)
