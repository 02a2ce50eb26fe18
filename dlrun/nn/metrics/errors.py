"""Sums of errors of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from dlrun.arrays import Array


class MeanError:
    """A meter: the mean over samples and outputs of what ``of`` makes of prediction - target."""

    def __init__(
        self, of: Callable[[Array], Array], finish: Callable[[float], float] = float
    ) -> None:
        self._of, self._finish = of, finish
        self._total = 0.0
        self._seen = 0

    def add(self, predictions: Array, targets: Array) -> None:
        """Take in a batch."""
        self._total += float(self._of(predictions - targets).sum(dtype=np.float64))
        self._seen += targets.size

    def value(self) -> float:
        """The mean, finished."""
        return self._finish(self._total / self._seen) if self._seen else math.nan
