"""What a metric is: a score over a part of the data, taken in batch by batch."""

from __future__ import annotations

from typing import ClassVar, Literal, Protocol

from dlrun.arrays import Array
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry


class Meter(Protocol):
    """A score in the making; a new one is started for every pass over the data."""

    def add(self, predictions: Array, targets: Array) -> None:
        """Take in a batch."""

    def value(self) -> float:
        """The score of all that was taken in; NaN where it is not defined."""


class Metric(Component):
    """The root of all metrics."""

    family: ClassVar = Registry["Metric"]("metric")

    better: ClassVar[Literal["min", "max"]]
    """Whether less or more is better; early stopping reads it."""
    task: ClassVar[Literal["classification", "regression"]]
    """What it scores: "classification" or "regression"."""

    def start(self) -> Meter:
        """A new meter."""
        raise NotImplementedError


metric = Metric.family
