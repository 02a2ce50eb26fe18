"""Coefficient of determination."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.metric import Meter, Metric, metric
from dlrun.nn.state import Kept
from dlrun.nn.target import Target, Task


@metric("r2")
class R2(Metric):
    """1 - (squared error) / (squared deviation from the mean), averaged over the outputs.

    1 is perfect, 0 is as good as always saying the mean.  An output whose target does not vary in
    the part scores 1 where it is met exactly and 0 where it is not.  NaN for fewer than 2 samples.
    """

    better: ClassVar = "max"
    bounds: ClassVar = (-math.inf, 1.0)
    tasks: ClassVar = ("regression",)

    average: Literal["uniform", "variance"] = "uniform"
    """``uniform``: the mean over the outputs; ``variance``: each counts by how much its target
    varies, so that of an image the pixels count that show something."""

    def undefined(self, target: Target) -> str | None:
        """One sample does not vary."""
        return "there is one sample" if len(target.values) < 2 else None

    def start(self, task: Task) -> Meter:
        """A new meter."""
        return _Deviations(self.average)


class _Deviations(Kept):
    """Keeps count, mean and squared deviation of each output (Chan, Golub & LeVeque, 1983).

    The plain sum of squares would lose all digits where a target is large and varies little.
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
        # A constant's deviation is often not 0 but what rounding left of it.
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
