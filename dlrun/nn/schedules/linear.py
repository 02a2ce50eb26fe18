"""A rate that falls in a straight line."""

from __future__ import annotations

from dlrun.nn.schedule import Schedule, progress, schedule
from dlrun.spec.fields import Fraction


@schedule("linear")
class Linear(Schedule):
    """A straight line from the full rate to ``final`` of it at the end of the run."""

    final: Fraction = 0.0
    """The factor that is reached at the end."""

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """final + (1 - final) (1 - epoch / epochs)."""
        return self.final + (1.0 - self.final) * (1.0 - progress(epoch, epochs))
