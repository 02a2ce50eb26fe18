"""Exponential moving average of the weights."""

from __future__ import annotations

from typing import ClassVar

from dlrun.nn.averages.base import Average, average
from dlrun.spec.fields import Fraction


@average("ema")
class EMA(Average):
    """Exponential moving average of the weights.

    a = decay a + (1 - decay) w after every update; after the first a = w.  Running statistics
    are averaged in the same way. Polyak & Juditsky, "Acceleration of stochastic approximation by
    averaging", 1992, with exponentially decaying weights.
    """

    every: ClassVar = "step"
    estimates: ClassVar = False

    decay: Fraction = 0.999
    """Fraction of the average that is kept per update; it covers about 1 / (1 - decay) of them."""

    def share(self, count: int) -> float:
        """1 for the first step, then 1 - decay."""
        return 1.0 if count == 1 else 1.0 - self.decay
