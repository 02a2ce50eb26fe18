"""How far probabilities are from frequencies."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Array
from dlrun.nn.answers import class_log_odds, said_classes, true_classes
from dlrun.nn.metric import Meter, Metric, metric
from dlrun.nn.state import Kept
from dlrun.nn.target import Task


@metric("calibration_error")
class CalibrationError(Metric):
    """Expected calibration error: mean of |share that is right - mean confidence| over bins.

    Naeini, Cooper & Hauskrecht, AAAI 2015; Guo et al., "On calibration of modern neural networks",
    ICML 2017.  The confidence of an answer is its probability; bins of equal width from 0 to 1
    count by their samples, empty ones not at all.
    """

    better: ClassVar = "min"
    bounds: ClassVar = (0.0, 1.0)
    tasks: ClassVar = ("classification",)
    reads: ClassVar = "log_odds"
    needs_probabilities: ClassVar = True

    bins: PositiveInt = 15
    """Into how many bins the confidences fall."""

    def start(self, task: Task) -> Meter:
        """A new meter."""
        return _Bins(self.bins)


class _Bins(Kept):
    kept: ClassVar = ("right", "confidence", "seen")

    def __init__(self, bins: int) -> None:
        self.bins = bins
        self.right: Array = np.zeros(bins)
        self.confidence: Array = np.zeros(bins)
        self.seen = 0

    def add(self, predictions: Array, targets: Array) -> None:
        found, true = class_log_odds(predictions), true_classes(predictions, targets)
        said = said_classes(predictions, boundary=0.0)
        sure = 1 / (1 + np.exp(-found.max(axis=1)))
        # A bin holds its upper edge; what is not a number goes anywhere and stays in the sum.
        place = np.clip(np.nan_to_num(np.ceil(sure * self.bins)) - 1, 0, self.bins - 1)
        bins = place.astype(np.int64)
        self.right += np.bincount(bins, said == true, minlength=self.bins)
        self.confidence += np.bincount(bins, sure, minlength=self.bins)
        self.seen += len(true)

    def value(self) -> float:
        if not self.seen:
            return math.nan
        return float(np.abs(self.right - self.confidence).sum() / self.seen)
