"""A rate that falls along half a cosine."""

from __future__ import annotations

import math

from dlrun.nn.schedule import Schedule, schedule
from dlrun.spec.fields import Fraction


@schedule("cosine")
class Cosine(Schedule):
    """Half a cosine from the full rate to ``final`` of it at the end of the run.

    Loshchilov & Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017,
    without restarts.
    """

    final: Fraction = 0.0
    """The factor that is reached at the end."""

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """final + (1 - final) (1 + cos(pi epoch / epochs)) / 2."""
        progress = min(1.0, epoch / epochs) if epochs > 0 else 1.0
        return self.final + (1.0 - self.final) * 0.5 * (1.0 + math.cos(math.pi * progress))
