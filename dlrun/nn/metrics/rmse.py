"""Root of the mean squared error."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from dlrun.nn.metrics.base import Meter, Metric, metric
from dlrun.nn.metrics.errors import MeanError
from dlrun.nn.target import Task


@metric("rmse")
class RootMeanSquaredError(Metric):
    """Root mean squared error, in units of the target.

    Root of the mean of (prediction - target)^2 over all samples and outputs.
    """

    better: ClassVar = "min"
    bounds: ClassVar = (0.0, math.inf)
    tasks: ClassVar = ("regression",)

    def start(self, task: Task) -> Meter:
        """A new meter."""
        return MeanError(np.square, math.sqrt)
