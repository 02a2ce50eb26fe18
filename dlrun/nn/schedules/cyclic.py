"""A rate that goes up and down, again and again."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dlrun.nn.schedule import Schedule, schedule, turns
from dlrun.spec.fields import Fraction, Positive


@schedule("cyclic")
class Cyclic(Schedule):
    """Straight lines from ``low`` up to the full rate and down again, over each ``period``.

    Smith, "Cyclical learning rates for training neural networks", WACV 2017; a ``shrink`` of 0.5 is
    its triangular2.
    """

    period: Positive = 10.0
    """Epochs from one low to the next."""
    low: Fraction = 0.1
    """The factor at the lows."""
    rise: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.5
    """The part of a period in which the rate rises."""
    shrink: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """How high each period's top is above ``low``, compared with the one before."""

    def unreached_after_warmup(self, epochs: float) -> str | None:
        """The end of the first period."""
        late = self.period > epochs
        return f"ends its first period after {self.period:g} epochs" if late else None

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """low + (1 - low) height, with a height from 0 up to a power of ``shrink``."""
        number, place = turns(epoch, self.period)
        height = place / self.rise if place <= self.rise else (1.0 - place) / (1.0 - self.rise)
        return float(self.low + (1.0 - self.low) * height * self.shrink**number)
