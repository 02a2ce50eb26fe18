"""Expected calibration error."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Array
from dlrun.nn.answers import class_log_odds, said_classes, true_classes
from dlrun.nn.metrics.base import Meter, Metric, metric
from dlrun.nn.state import Kept
from dlrun.nn.target import Task


@metric("calibration_error")
class CalibrationError(Metric):
    """Expected calibration error: how far predicted probabilities are from frequencies.

    Mean of |accuracy - mean confidence| over bins of equal width from 0 to 1, weighted by their
    samples; empty bins are skipped.  The confidence is the probability of the predicted class.
    Naeini, Cooper & Hauskrecht, AAAI 2015; Guo et al., "On calibration of modern neural networks",
    ICML 2017.
    """

    better: ClassVar = "min"
    bounds: ClassVar = (0.0, 1.0)
    tasks: ClassVar = ("classification",)
    reads: ClassVar = "log_odds"
    needs_probabilities: ClassVar = True

    bins: PositiveInt = 15
    """Number of bins."""

    def start(self, task: Task) -> Meter:
        """A new meter."""
        return _Bins(self.bins)


def confidences(log_odds: Array, bins: int) -> tuple[Array, Array]:
    """The probability of each predicted class, (m,), and the index of its bin, (m,) int64.

    A bin includes its upper edge.  NaN is in any bin, and makes the score NaN.

    Args:
        log_odds: (m, classes).
        bins: number of bins of equal width from 0 to 1.
    """
    sure = 1 / (1 + np.exp(-log_odds.max(axis=1)))
    return sure, bins_of(sure, bins)


def bins_of(probabilities: Array, bins: int) -> Array:
    """The index of the bin of each probability, (n,) int64; see ``confidences``."""
    place: Array = np.clip(np.nan_to_num(np.ceil(probabilities * bins)) - 1, 0, bins - 1)
    return place.astype(np.int64)


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
        sure, bins = confidences(found, self.bins)
        self.right += np.bincount(bins, said == true, minlength=self.bins)
        self.confidence += np.bincount(bins, sure, minlength=self.bins)
        self.seen += len(true)

    def value(self) -> float:
        if not self.seen:
            return math.nan
        return float(np.abs(self.right - self.confidence).sum() / self.seen)
