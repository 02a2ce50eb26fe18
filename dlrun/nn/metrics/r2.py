"""Coefficient of determination."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.metric import Meter, Metric, metric


@metric("r2")
class R2(Metric):
    """1 - (squared error) / (squared deviation from the mean), averaged over the outputs.

    1 is perfect, 0 is as good as always saying the mean.  NaN where a target does not vary.
    """

    better: ClassVar = "max"
    task: ClassVar = "regression"

    def start(self) -> Meter:
        """A new meter."""
        return _Deviations()


class _Deviations:
    """Keeps count, mean and squared deviation of each output (Chan, Golub & LeVeque, 1983).

    The plain sum of squares would lose all digits where a target is large and varies little.
    """

    def __init__(self) -> None:
        self.seen = 0
        self.mean: Array = np.zeros(1)
        self.deviation: Array = np.zeros(1)
        self.error: Array = np.zeros(1)

    def add(self, predictions: Array, targets: Array) -> None:
        batch = targets.astype(np.float64)
        count, mean = len(batch), batch.mean(axis=0)
        shift = mean - self.mean
        total = self.seen + count
        self.error = self.error + ((predictions - batch) ** 2).sum(axis=0)
        self.deviation = (
            self.deviation
            + ((batch - mean) ** 2).sum(axis=0)
            + shift**2 * (self.seen * count / total)
        )
        self.mean = self.mean + shift * (count / total)
        self.seen = total

    def value(self) -> float:
        if self.seen < 2 or np.any(self.deviation == 0):
            return math.nan
        return float(np.mean(1.0 - self.error / self.deviation))
