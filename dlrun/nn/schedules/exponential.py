"""A rate that falls by the same share in every step."""

from __future__ import annotations

from dlrun.nn.schedule import Schedule, schedule
from dlrun.spec.fields import Positive


@schedule("exponential")
class Exponential(Schedule):
    """Multiply the learning rate by ``gamma`` over each epoch, a little in every step."""

    gamma: Positive = 0.95
    """What an epoch multiplies by."""

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """gamma ** epoch."""
        return float(self.gamma**epoch)
