"""A learning rate that falls along half a cosine, once or periodically."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from dlrun.nn.schedules.base import Schedule, progress, schedule, turns
from dlrun.spec.fields import Fraction, Positive


@schedule("cosine")
class Cosine(Schedule):
    """The learning rate falls along half a cosine, optionally with warm restarts.

    final + (1 - final) (1 + cos(pi t)) / 2, t the completed fraction of the run.  With ``period``,
    it falls in each period and then restarts at the full learning rate. Loshchilov & Hutter, "SGDR:
    stochastic gradient descent with warm restarts", ICLR 2017.
    """

    final: Fraction = 0.0
    """Final learning rate, as a fraction of the full one."""
    period: Positive | None = None
    """Epochs until the first restart; null: no restarts."""
    stretch: Annotated[float, Field(ge=1.0)] = 1.0
    """Factor by which each period is longer than the previous one."""

    def unreached_after_warmup(self, epochs: float) -> str | None:
        """The end of the first period."""
        late = self.period is not None and self.period > epochs
        return f"ends its first period after {self.period:g} epochs" if late else None

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """final + (1 - final) (1 + cos(pi epoch / epochs)) / 2."""
        if self.period is None:
            part = progress(epoch, epochs)
        else:
            part = _part(epoch, self.period, self.stretch)
        fallen = 0.5 * (1.0 + math.cos(math.pi * part))
        return self.final + (1.0 - self.final) * fallen


def _part(epoch: float, period: float, stretch: float) -> float:
    """The completed fraction of the current period."""
    if stretch == 1.0:
        return turns(epoch, period)[1]
    while (over := turns(epoch, period))[0]:
        epoch = max(0.0, epoch - period)
        period *= stretch
    return over[1]
