"""The mean surprise at the true class."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.answers import class_probabilities, true_classes, true_labels
from dlrun.nn.metric import Meter, Metric, metric
from dlrun.nn.state import Kept
from dlrun.nn.target import Task


@metric("log_loss")
class LogLoss(Metric):
    """Mean of -log p, p the predicted probability of what is true; of labels over all of them.

    Without the weights, smoothing and focus that a loss may have.  Probabilities are kept away from
    0 by the precision of their type (1.2e-7), so one sure error costs at most 16.
    """

    better: ClassVar = "min"
    bounds: ClassVar = (0.0, math.inf)
    tasks: ClassVar = ("classification", "multi_label")
    needs_probabilities: ClassVar = True

    def start(self, task: Task) -> Meter:
        """A new meter."""
        return _Surprise(task)


class _Surprise(Kept):
    kept: ClassVar = ("total", "seen")

    def __init__(self, task: Task) -> None:
        self.task = task
        self.total = 0.0
        self.seen = 0

    def add(self, predictions: Array, targets: Array) -> None:
        if self.task == "multi_label":
            right = np.where(true_labels(targets), predictions, 1 - predictions).reshape(-1)
        else:
            codes = true_classes(predictions, targets)
            right = np.take_along_axis(class_probabilities(predictions), codes[:, None], axis=1)
        eps = np.finfo(predictions.dtype).eps
        self.total -= float(np.log(np.clip(right, eps, 1)).sum(dtype=np.float64))
        self.seen += right.size

    def value(self) -> float:
        return self.total / self.seen if self.seen else math.nan
