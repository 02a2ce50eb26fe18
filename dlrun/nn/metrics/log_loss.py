"""The mean negative log-likelihood."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.answers import class_log_odds, true_classes, true_labels
from dlrun.nn.metrics.base import Meter, Metric, metric
from dlrun.nn.state import Kept
from dlrun.nn.target import Task


@metric("log_loss")
class LogLoss(Metric):
    """Mean of -log p, p the predicted probability of the true class; averaged over all labels.

    Without the class weights, label smoothing or focusing that the loss may have.  Probabilities
    are not clipped, so a confident error can cost any amount.
    """

    better: ClassVar = "min"
    bounds: ClassVar = (0.0, math.inf)
    tasks: ClassVar = ("classification", "multi_label")
    reads: ClassVar = "log_odds"
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
            log_odds = predictions.astype(np.float64)
            right = np.where(true_labels(targets), log_odds, -log_odds)
        else:
            codes = true_classes(predictions, targets)
            right = np.take_along_axis(class_log_odds(predictions), codes[:, None], axis=1)
        # For the log-odds z, -log p is log(1 + exp(-z)).
        surprise = np.maximum(-right, 0) + np.log1p(np.exp(-np.abs(right)))
        self.total += float(surprise.sum())
        self.seen += right.size

    def value(self) -> float:
        return self.total / self.seen if self.seen else math.nan
