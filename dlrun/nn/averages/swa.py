"""Stochastic weight averaging."""

from __future__ import annotations

from typing import ClassVar

from pydantic import PositiveInt

from dlrun.nn.averages.base import Average, average


@average("swa")
class SWA(Average):
    """Mean of the weights after every epoch from ``start`` on (stochastic weight averaging).

    Running statistics are computed again whenever the average is evaluated or saved: the mean over
    the training set, in one forward pass.  It works best with a schedule that keeps the learning
    rate high. Izmailov et al., "Averaging weights leads to wider optima and better generalization",
    UAI 2018.
    """

    every: ClassVar = "epoch"
    estimates: ClassVar = True

    start: PositiveInt
    """First epoch to average; before its end, the weights are those of training."""

    def share(self, count: int) -> float:
        """1 / n for the n-th weights of the average."""
        return 1.0 / (count - self.start + 1) if count >= self.start else 0.0

    def unreached(self, epochs: int) -> str | None:
        """The average, if it starts after the last epoch."""
        if self.start <= epochs:
            return None
        return f"the average starts with epoch {self.start}, and there are {epochs} epochs"
