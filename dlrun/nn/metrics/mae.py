"""Mean absolute error."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.metric import Meter, Metric, metric


@metric("mae")
class MeanAbsoluteError(Metric):
    """Mean of |prediction - target| over all samples and outputs, in units of the target."""

    better: ClassVar = "min"
    task: ClassVar = "regression"

    def start(self) -> Meter:
        """A new meter."""
        return _AbsoluteErrors()


class _AbsoluteErrors:
    def __init__(self) -> None:
        self.total = 0.0
        self.seen = 0

    def add(self, predictions: Array, targets: Array) -> None:
        self.total += float(np.abs(predictions - targets).sum(dtype=np.float64))
        self.seen += targets.size

    def value(self) -> float:
        return self.total / self.seen if self.seen else math.nan
