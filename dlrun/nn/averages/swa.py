"""Stochastic weight averaging."""

from __future__ import annotations

from typing import ClassVar

from pydantic import PositiveInt

from dlrun.nn.average import Average, average


@average("swa")
class SWA(Average):
    """The mean of the weights behind every epoch from ``start`` on.

    Running statistics are estimated anew wherever the average is scored or kept: the mean over the
    training part, in one pass forward.  A schedule that keeps the rate up makes the most of it.
    Izmailov et al., "Averaging weights leads to wider optima and better generalization", UAI 2018.
    """

    every: ClassVar = "epoch"
    estimates: ClassVar = True

    start: PositiveInt
    """The first epoch that counts; before its end the weights are those of training."""

    def share(self, count: int) -> float:
        """1 / n of the n-th weights that count."""
        return 1.0 / (count - self.start + 1) if count >= self.start else 0.0

    def unreached(self, epochs: int) -> str | None:
        """The average, where it would start too late."""
        if self.start <= epochs:
            return None
        return f"the average starts with epoch {self.start}, and there are {epochs} epochs"
