"""Coefficient of determination."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.metrics.base import Meter, Metric, metric
from dlrun.nn.state import Kept
from dlrun.nn.target import Target, Task


@metric("r2")
class R2(Metric):
    """Coefficient of determination: the explained fraction of the target's variance.

    1 - (sum of squared errors) / (sum of squared differences from the mean), averaged over the
    outputs.  1 is perfect, 0 is as good as always predicting the mean.  An output whose target is
    constant in the set scores 1 if it is predicted exactly, otherwise 0.  NaN for fewer than 2
    samples.
    """

    better: ClassVar = "max"
    bounds: ClassVar = (-math.inf, 1.0)
    tasks: ClassVar = ("regression",)

    average: Literal["uniform", "variance"] = "uniform"
    """``uniform``: unweighted mean over the outputs; ``variance``: weighted by the variance of each
    output's target, so that constant pixels of an image do not count."""

    def undefined(self, target: Target) -> str | None:
        """A single sample has no variance."""
        return "there is only one sample" if len(target.values) < 2 else None

    def start(self, task: Task) -> Meter:
        """A new meter."""
        return _Deviations(self.average)


class _Deviations(Kept):
    """Count, mean and sum of squared differences from it, per output (Chan, Golub & LeVeque, 1983).

    A plain sum of squares would lose all digits if a target is large and varies little.
    """

    kept: ClassVar = ("seen", "mean", "deviation", "error", "first", "varies")

    def __init__(self, average: Literal["uniform", "variance"]) -> None:
        self.average = average
        self.seen = 0
        self.mean: Array = np.zeros(1)
        self.deviation: Array = np.zeros(1)
        self.error: Array = np.zeros(1)
        self.first: Array = np.zeros(1)
        self.varies: Array = np.zeros(1, bool)

    def add(self, predictions: Array, targets: Array) -> None:
        batch = targets.astype(np.float64)
        count, mean = len(batch), batch.mean(axis=0)
        shift = mean - self.mean
        total = self.seen + count
        if not self.seen:
            self.first = batch[0]
        self.error = self.error + ((predictions - batch) ** 2).sum(axis=0)
        self.deviation = (
            self.deviation
            + ((batch - mean) ** 2).sum(axis=0)
            + shift**2 * (self.seen * count / total)
        )
        self.mean = self.mean + shift * (count / total)
        self.seen = total
        # For a constant target the deviation is often not 0 because of rounding.
        self.varies = self.varies | (batch != self.first).any(axis=0)

    def value(self) -> float:
        if self.seen < 2:
            return math.nan
        constant = np.where(self.error == 0, 1.0, 0.0) + 0 * self.error  # NaN stays NaN
        scores = np.where(
            self.varies, 1.0 - self.error / np.where(self.varies, self.deviation, 1.0), constant
        )
        if self.average == "variance" and self.varies.any():
            return float(np.average(scores, weights=np.where(self.varies, self.deviation, 0.0)))
        return float(scores.mean())
