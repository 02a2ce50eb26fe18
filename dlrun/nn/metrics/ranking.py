"""Scores that depend on the order of all predictions, so they need all of them at once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.answers import class_log_odds, true_classes, true_labels
from dlrun.nn.metrics.base import Metric
from dlrun.nn.state import State
from dlrun.nn.target import Target, Task


class Ranking(Metric):
    """Base class of ranking scores: samples are sorted from most to least probable.

    Each class is ranked against all others, two classes by the probability of the second only; the
    mean is over the classes or labels with both positive and negative samples in the set. Samples
    are ranked by log-odds, because probabilities that round to 1 would all be tied.
    """

    better: ClassVar = "max"
    bounds: ClassVar = (0.0, 1.0)
    tasks: ClassVar = ("classification", "multi_label")
    reads: ClassVar = "log_odds"

    def score(self, scores: Array, true: Array) -> float:
        """The score of one ranking.

        Args:
            scores: (m,), higher means more probable.
            true: (m,) bool, with both values present.
        """
        raise NotImplementedError

    def undefined(self, target: Target) -> str | None:
        """If all samples have the same class or the same labels, there is nothing to rank."""
        first: Array | None = None
        for values in target.stretches():
            rows = values.reshape(-1, 1) if target.task == "classification" else values
            first = rows[0] if first is None else first
            if (rows != first).any():
                return None
        alike = "are of one class" if target.task == "classification" else "have the same labels"
        return f"all samples {alike}"

    def start(self, task: Task) -> RankingMeter:
        """A new meter."""
        return RankingMeter(self, task)


class RankingMeter:
    """The meter of ``Ranking``: it keeps all log-odds and targets until the end."""

    def __init__(self, metric: Ranking, task: Task) -> None:
        self._metric, self._task = metric, task
        self._log_odds: list[Array] = []
        self._targets: list[Array] = []

    def add(self, predictions: Array, targets: Array) -> None:
        """Add a copy of a batch, because a step's arrays are reused by the next one."""
        self._log_odds.append(predictions.copy())
        self._targets.append(targets.copy())

    def state(self) -> State:
        """All log-odds and targets, concatenated."""
        if not self._log_odds:
            return {}
        return {
            "log_odds": np.concatenate(self._log_odds),
            "targets": np.concatenate(self._targets),
        }

    def restore(self, state: State) -> None:
        """Continue from them."""
        if "predictions" in state:
            kind = self._metric.kind
            raise ValueError(
                f"it has probabilities for {kind}, which is now computed from log-odds"
            )
        self._log_odds = [state["log_odds"]] if state else []
        self._targets = [state["targets"]] if state else []

    def value(self) -> float:
        """The mean over the rankings; NaN if there are none, or a prediction is NaN."""
        if not self._log_odds or any(np.isnan(each).any() for each in self._log_odds):
            return math.nan
        found = [
            self._metric.score(scores, true)
            for scores, true in self._rankings()
            if true.any() and not true.all()
        ]
        return float(np.mean(found)) if found else math.nan

    def _rankings(self) -> Iterator[tuple[Array, Array]]:
        log_odds = np.concatenate(self._log_odds)
        targets = np.concatenate(self._targets)
        if self._task == "multi_label":
            yield from zip(log_odds.T, true_labels(targets).T, strict=True)
            return
        found, true = class_log_odds(log_odds), true_classes(log_odds, targets)
        if found.shape[1] == 2:
            yield found[:, 1], true == 1
            return
        for code, scores in enumerate(found.T):
            yield scores, true == code
