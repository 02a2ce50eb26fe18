"""Mean absolute error."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from dlrun.nn.metrics.base import Meter, Metric, metric
from dlrun.nn.metrics.errors import MeanError
from dlrun.nn.target import Task


@metric("mae")
class MeanAbsoluteError(Metric):
    """Mean absolute error, in units of the target.

    Mean of |prediction - target| over all samples and outputs.
    """

    better: ClassVar = "min"
    bounds: ClassVar = (0.0, math.inf)
    tasks: ClassVar = ("regression",)

    def start(self, task: Task) -> Meter:
        """A new meter."""
        return MeanError(np.abs)
