"""Top-k accuracy."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Array
from dlrun.errors import ShapeError
from dlrun.nn.answers import class_log_odds, true_classes
from dlrun.nn.metrics.base import Meter, Metric, metric
from dlrun.nn.state import Kept
from dlrun.nn.target import Target, Task


@metric("top_k")
class TopK(Metric):
    """Fraction of samples whose class is among the k most probable ones.

    Among equally probable classes, earlier ones rank higher; ``k: 1`` is ``accuracy``.
    """

    better: ClassVar = "max"
    bounds: ClassVar = (0.0, 1.0)
    tasks: ClassVar = ("classification",)
    reads: ClassVar = "log_odds"

    k: PositiveInt = 5
    """Number of most probable classes to accept."""

    def check(self, target: Target) -> None:
        """k must be smaller than the number of classes."""
        if target.classes is not None and self.k >= target.classes:
            raise ShapeError(
                f"'top_k' of {self.k} is always 1 with {target.classes} classes; lower k"
            )

    def start(self, task: Task) -> Meter:
        """A new meter."""
        return _Hits(self.k)


class _Hits(Kept):
    kept: ClassVar = ("right", "seen")

    def __init__(self, k: int) -> None:
        self.k = k
        self.right = 0
        self.seen = 0

    def add(self, predictions: Array, targets: Array) -> None:
        found, true = class_log_odds(predictions), true_classes(predictions, targets)
        own = np.take_along_axis(found, true[:, None], axis=1)
        earlier = np.arange(found.shape[1]) < true[:, None]
        ahead = (found > own) | ((found == own) & earlier)
        # A prediction that is NaN never counts as correct.
        right = (ahead.sum(axis=1) < self.k) & ~np.isnan(found).any(axis=1)
        self.right += int(np.count_nonzero(right))
        self.seen += len(true)

    def value(self) -> float:
        return self.right / self.seen if self.seen else math.nan
