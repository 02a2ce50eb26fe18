"""The share of right answers."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.metric import Meter, Metric, metric


@metric("accuracy")
class Accuracy(Metric):
    """Right predictions / all predictions.

    Predictions are probabilities: of every class, (n, classes); or of the second of two, (n, 1),
    where one half or more means the second.
    """

    better: ClassVar = "max"
    task: ClassVar = "classification"

    def start(self) -> Meter:
        """A new meter."""
        return _Hits()


class _Hits:
    def __init__(self) -> None:
        self.right = 0
        self.seen = 0

    def add(self, predictions: Array, targets: Array) -> None:
        if predictions.shape[-1] == 1:
            answers = predictions[:, 0] >= 0.5
        else:
            answers = predictions.argmax(axis=-1)
        self.right += int(np.count_nonzero(answers == targets))
        self.seen += len(targets)

    def value(self) -> float:
        return self.right / self.seen if self.seen else math.nan
