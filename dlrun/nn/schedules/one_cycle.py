"""A learning rate that rises to its full value and falls to almost 0, once per run."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from dlrun.nn.schedules.base import Schedule, progress, schedule

Ratio = Annotated[float, Field(ge=1.0)]


@schedule("one_cycle")
class OneCycle(Schedule):
    """The learning rate rises to its full value and falls to almost 0, once per run.

    From lr / ``div`` up to lr, then down to lr / ``div`` / ``final_div``.  The momentum is not
    changed. Smith & Topin, "Super-convergence: very fast training of neural networks using large
    learning rates", 2018.
    """

    peak: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.3
    """Fraction of the run at which the learning rate peaks."""
    div: Ratio = 25.0
    """Peak learning rate / initial learning rate."""
    final_div: Ratio = 1e4
    """Initial learning rate / final learning rate."""
    shape: Literal["cosine", "linear"] = "cosine"
    """Shape of the rise and fall."""

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """Up to ``peak``, then down."""
        done, first = progress(epoch, epochs), 1.0 / self.div
        if done <= self.peak:
            return self._between(first, 1.0, done / self.peak)
        return self._between(1.0, first / self.final_div, (done - self.peak) / (1.0 - self.peak))

    def _between(self, start: float, end: float, part: float) -> float:
        if self.shape == "cosine":
            part = 0.5 * (1.0 - math.cos(math.pi * part))
        return start + (end - start) * part
