"""Accuracy: the fraction of correct predictions."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.answers import said_classes, said_labels, true_classes, true_labels
from dlrun.nn.metrics.base import Meter, Metric, metric
from dlrun.nn.state import Kept
from dlrun.nn.target import Task


@metric("accuracy")
class Accuracy(Metric):
    """Fraction of correct predictions.

    The prediction is the most probable class; with one output for two classes, the second class
    from a probability of 0.5 on.  A multi-label prediction is correct if all labels of the sample
    are.
    """

    better: ClassVar = "max"
    bounds: ClassVar = (0.0, 1.0)
    tasks: ClassVar = ("classification", "multi_label")

    def start(self, task: Task) -> Meter:
        """A new meter."""
        return _Hits(task)


class _Hits(Kept):
    kept: ClassVar = ("right", "seen")

    def __init__(self, task: Task) -> None:
        self.task = task
        self.right = 0
        self.seen = 0

    def add(self, predictions: Array, targets: Array) -> None:
        if self.task == "multi_label":
            right = (said_labels(predictions) == true_labels(targets)).all(axis=1)
        else:
            right = said_classes(predictions) == true_classes(predictions, targets)
        self.right += int(np.count_nonzero(right))
        self.seen += len(right)

    def value(self) -> float:
        return self.right / self.seen if self.seen else math.nan
