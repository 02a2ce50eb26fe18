"""Counts of correct and wrong predictions per class or label."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import numpy as np

from dlrun.arrays import Array
from dlrun.errors import ShapeError
from dlrun.nn.answers import said_classes, said_labels, true_classes, true_labels
from dlrun.nn.metrics.base import Metric
from dlrun.nn.state import Kept, State
from dlrun.nn.target import Target, Task


class Counts(Kept):
    """Counts of samples, (k,) int64, one count per class or label.

    Attributes:
        right: samples of the class that were predicted to be of it (true positives).
        said: samples that were predicted to be of the class.
        true: samples of the class.
    """

    kept: ClassVar = ("right", "said", "true")

    def __init__(self, task: Task) -> None:
        self.right: Array = np.zeros(1, np.int64)
        self.said: Array = np.zeros(1, np.int64)
        self.true: Array = np.zeros(1, np.int64)
        self._task = task

    def add(self, predictions: Array, targets: Array) -> None:
        """Add a batch."""
        if self._task == "multi_label":
            said, true = said_labels(predictions), true_labels(targets)
            found = [each.sum(axis=0) for each in (said & true, said, true)]
        else:
            classes = max(2, predictions.shape[-1])
            said, true = said_classes(predictions), true_classes(predictions, targets)
            found = [
                np.bincount(each, minlength=classes) for each in (said[said == true], said, true)
            ]
        self.right, self.said, self.true = (
            total + each
            for total, each in zip((self.right, self.said, self.true), found, strict=True)
        )


class ClassMetric(Metric):
    """Base class of scores that are computed per class and averaged.

    Every score is a ratio of counts, parts / wholes; 0 / 0 counts as 0.
    """

    better: ClassVar = "max"
    bounds: ClassVar = (0.0, 1.0)
    tasks: ClassVar = ("classification", "multi_label")

    average: Literal["macro", "micro", "weighted", "binary"] = "macro"
    """``macro``: unweighted mean over the classes; ``weighted``: mean weighted by the samples of
    each class; ``micro``: one score from the sums of all counts; ``binary``: only the score of the
    second of two classes."""

    def check(self, target: Target) -> None:
        """``binary`` needs two classes."""
        two = target.task == "classification" and target.classes == 2
        if self.average == "binary" and not two:
            kind = "classes" if target.task == "classification" else "labels"
            raise ShapeError(
                f"'{self.kind}' with average: binary needs 2 classes, the data has "
                f"{target.classes} {kind}; use macro, micro or weighted"
            )

    def parts(self, counts: Counts) -> tuple[Array, Array]:
        """Numerators and denominators, (k,) each."""
        raise NotImplementedError

    def start(self, task: Task) -> ClassMeter:
        """A new meter."""
        return ClassMeter(self, task)


class ClassMeter:
    """The meter of ``ClassMetric``."""

    def __init__(self, metric: ClassMetric, task: Task) -> None:
        self._metric, self._task = metric, task
        self._counts = Counts(task)
        self._seen = 0

    def add(self, predictions: Array, targets: Array) -> None:
        """Add a batch."""
        self._counts.add(predictions, targets)
        self._seen += len(targets)

    def state(self) -> State:
        """The counts, and the number of samples."""
        return {**self._counts.state(), "seen": np.asarray(self._seen)}

    def restore(self, state: State) -> None:
        """Continue from such counts."""
        self._counts.restore(state)
        self._seen = state["seen"].item()

    def value(self) -> float:
        """The average."""
        if not self._seen:
            return math.nan
        counts, average = self._counts, self._metric.average
        parts, wholes = self._metric.parts(counts)
        if average == "micro":
            parts, wholes = parts.sum(keepdims=True), wholes.sum(keepdims=True)
        scores = parts / np.maximum(wholes, 1)
        if average == "binary":
            return float(scores[1])
        if average == "weighted":
            return float((scores * counts.true).sum() / max(counts.true.sum(), 1))
        if average == "macro" and self._task == "classification":
            scores = scores[(counts.true > 0) | (counts.said > 0)]
        return float(scores.mean())
