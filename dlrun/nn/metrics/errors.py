"""Mean errors, for regression metrics."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.state import Kept


class MeanError(Kept):
    """A meter: the mean over samples and outputs of ``of`` applied to prediction - target."""

    kept: ClassVar = ("total", "seen")

    def __init__(
        self, of: Callable[[Array], Array], finish: Callable[[float], float] = float
    ) -> None:
        self._of, self._finish = of, finish
        self.total = 0.0
        self.seen = 0

    def add(self, predictions: Array, targets: Array) -> None:
        """Add a batch."""
        self.total += float(self._of(predictions.astype(np.float64) - targets).sum())
        self.seen += targets.size

    def value(self) -> float:
        """The mean, after ``finish``."""
        return self._finish(self.total / self.seen) if self.seen else math.nan
