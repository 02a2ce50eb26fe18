"""Scores that need every prediction at once, because they look at the order of all of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.answers import class_log_odds, true_classes, true_labels
from dlrun.nn.metric import Metric
from dlrun.nn.state import State
from dlrun.nn.target import Target, Task


class Ranking(Metric):
    """The root of scores of rankings: from certainly in a class to certainly not.

    Each class is ranked against all others, two classes by the probability of the second alone;
    the mean is taken over those classes or labels of which the part has samples in and outside.
    Samples are ranked by log-odds: probabilities of 1 in every digit would all be tied.
    """

    better: ClassVar = "max"
    bounds: ClassVar = (0.0, 1.0)
    tasks: ClassVar = ("classification", "multi_label")
    reads: ClassVar = "log_odds"

    def score(self, scores: Array, true: Array) -> float:
        """The score of one ranking.

        Args:
            scores: (m,), the more the surer.
            true: (m,) bool, with at least one of each.
        """
        raise NotImplementedError

    def undefined(self, target: Target) -> str | None:
        """Nothing is ranked where all samples are in one class, or in the same labels."""
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
        """Take in a batch; copies, as a step's arrays are those of the next one."""
        self._log_odds.append(predictions.copy())
        self._targets.append(targets.copy())

    def state(self) -> State:
        """All log-odds and targets, one after another."""
        if not self._log_odds:
            return {}
        return {
            "log_odds": np.concatenate(self._log_odds),
            "targets": np.concatenate(self._targets),
        }

    def restore(self, state: State) -> None:
        """Go on after them."""
        if "predictions" in state:
            kind = self._metric.kind
            raise ValueError(f"it has probabilities for {kind}, which is now taken from log-odds")
        self._log_odds = [state["log_odds"]] if state else []
        self._targets = [state["targets"]] if state else []

    def value(self) -> float:
        """The mean over the rankings; NaN where there is none, or a prediction is NaN."""
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
