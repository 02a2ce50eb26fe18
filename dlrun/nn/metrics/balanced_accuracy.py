"""Accuracy in which every class counts the same."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from dlrun.nn.metrics.base import Meter, Metric, metric
from dlrun.nn.metrics.counts import Counts
from dlrun.nn.target import Task


@metric("balanced_accuracy")
class BalancedAccuracy(Metric):
    """Mean of the accuracies of all classes, whatever their size.

    Brodersen et al., 2010.  Classes without samples in the set are skipped.
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
