"""A learning rate that rises and falls periodically."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dlrun.nn.schedules.base import Schedule, schedule, turns
from dlrun.spec.fields import Fraction, Positive


@schedule("cyclic")
class Cyclic(Schedule):
    """The learning rate rises and falls linearly, again in each period.

    From ``low`` to the full learning rate and back. Smith, "Cyclical learning rates for training
    neural networks", WACV 2017; ``shrink: 0.5`` is its triangular2.
    """

    period: Positive = 10.0
    """Epochs per period."""
    low: Fraction = 0.1
    """Lowest learning rate, as a fraction of the full one."""
    rise: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.5
    """Fraction of a period in which the learning rate rises."""
    shrink: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """Height of each period's peak above ``low``, relative to the previous one."""

    def unreached_after_warmup(self, epochs: float) -> str | None:
        """The end of the first period."""
        late = self.period > epochs
        return f"ends its first period after {self.period:g} epochs" if late else None

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """low + (1 - low) height; the height goes from 0 to a power of ``shrink`` and back."""
        number, place = turns(epoch, self.period)
        height = place / self.rise if place <= self.rise else (1.0 - place) / (1.0 - self.rise)
        return float(self.low + (1.0 - self.low) * height * self.shrink**number)
