"""The exponential moving average."""

from __future__ import annotations

from typing import ClassVar

from dlrun.nn.average import Average, average
from dlrun.spec.fields import Fraction


@average("ema")
class EMA(Average):
    """a = decay a + (1 - decay) w behind every step, from the first one on; its a is w.

    Running statistics are averaged as the weights are.
    Polyak & Juditsky, "Acceleration of stochastic approximation by averaging", 1992, with weights
    that fade.
    """

    every: ClassVar = "step"
    estimates: ClassVar = False

    decay: Fraction = 0.999
    """How much of the average is kept in a step; 1 / (1 - decay) steps count, about."""

    def share(self, count: int) -> float:
        """All of the first step's weights, 1 - decay of the others'."""
        return 1.0 if count == 1 else 1.0 - self.decay
