"""A rate that rises to its full value and falls to almost nothing, once in a run."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from dlrun.nn.schedule import Schedule, progress, schedule

Ratio = Annotated[float, Field(ge=1.0)]


@schedule("one_cycle")
class OneCycle(Schedule):
    """From lr / ``div`` up to lr, then down to lr / ``div`` / ``final_div`` at the end of the run.

    Smith & Topin, "Super-convergence: very fast training of neural networks using large learning
    rates", 2018.  Momentum stays what it is.
    """

    peak: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.3
    """Where in the run the rate is full, as a part of it."""
    div: Ratio = 25.0
    """How much smaller the first rate is than the full one."""
    final_div: Ratio = 1e4
    """How much smaller the last rate is than the first one."""
    shape: Literal["cosine", "linear"] = "cosine"
    """Of the ways up and down."""

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """Up to ``peak`` of the run, and down from there."""
        done, first = progress(epoch, epochs), 1.0 / self.div
        if done <= self.peak:
            return self._between(first, 1.0, done / self.peak)
        return self._between(1.0, first / self.final_div, (done - self.peak) / (1.0 - self.peak))

    def _between(self, start: float, end: float, part: float) -> float:
        if self.shape == "cosine":
            part = 0.5 * (1.0 - math.cos(math.pi * part))
        return start + (end - start) * part
