"""Mean squared error."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from dlrun.nn.metrics.base import Meter, Metric, metric
from dlrun.nn.metrics.errors import MeanError
from dlrun.nn.target import Task


@metric("mse")
class MeanSquaredError(Metric):
    """Mean squared error.

    Mean of (prediction - target)^2 over all samples and outputs.
    """

    better: ClassVar = "min"
    bounds: ClassVar = (0.0, math.inf)
    tasks: ClassVar = ("regression",)

    def start(self, task: Task) -> Meter:
        """A new meter."""
        return MeanError(np.square)
