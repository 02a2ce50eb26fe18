"""A learning rate that falls exponentially."""

from __future__ import annotations

from dlrun.nn.schedules.base import Schedule, schedule
from dlrun.spec.fields import Positive


@schedule("exponential")
class Exponential(Schedule):
    """The learning rate falls exponentially, by the factor ``gamma`` per epoch.

    Each step multiplies it by the same factor, gamma ** (1 / steps per epoch).
    """

    gamma: Positive = 0.95
    """Factor per epoch."""

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """gamma ** epoch."""
        return float(self.gamma**epoch)
