"""Accuracy in which every class counts the same."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from dlrun.nn.metric import Meter, Metric, metric
from dlrun.nn.metrics.counts import Counts
from dlrun.nn.target import Task


@metric("balanced_accuracy")
class BalancedAccuracy(Metric):
    """Mean over the classes of the share of their samples that is right (Brodersen et al., 2010).

    Classes without a sample in the part are left out.
    """

    better: ClassVar = "max"
    bounds: ClassVar = (0.0, 1.0)
    tasks: ClassVar = ("classification",)

    def start(self, task: Task) -> Meter:
        """A new meter."""
        return _Shares(task)


class _Shares(Counts):
    def value(self) -> float:
        there = self.true > 0
        return float(np.mean(self.right[there] / self.true[there])) if there.any() else math.nan
