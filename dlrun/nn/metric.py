"""What a metric is: a score over a part of the data, taken in batch by batch."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Literal, Protocol

from dlrun.arrays import Array
from dlrun.nn.loss import Loss
from dlrun.nn.state import Stateful
from dlrun.nn.target import Target, Task
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry


class Meter(Stateful, Protocol):
    """A score in the making; a new one is started for every pass over the data.

    Its state is what it took in, so that an epoch can go on in another process.
    """

    def add(self, predictions: Array, targets: Array) -> None:
        """Take in a batch.

        Args:
            predictions: what the loss makes of the network's outputs.  Classification: (n, ...,
                classes) probabilities, or (n, ..., 1) of the second of two; multi-label:
                (n, labels) probabilities; regression: numbers in the shape of the targets.  Where
                the metric ``reads`` log-odds, these of each probability.
            targets: as ``Target.values``; in a classification also (n, ..., classes) shares, of
                which the largest is the class.
        """

    def value(self) -> float:
        """The score of all that was taken in; NaN where it is not defined."""


class Metric(Component):
    """The root of all metrics."""

    family: ClassVar = Registry["Metric"]("metric")

    better: ClassVar[Literal["min", "max"]]
    """Whether less or more is better; early stopping reads it."""
    bounds: ClassVar[tuple[float, float]] = (-math.inf, math.inf)
    """The least and the largest value that it can have; infinite where there is none. One with two
    ends is a share of samples, or built of such shares, and so goes in steps."""
    tasks: ClassVar[tuple[Task, ...]]
    """What it scores."""
    reads: ClassVar[Literal["predictions", "log_odds"]] = "predictions"
    """Log-odds, log(p / (1 - p)), where p must be told from 0 and 1 however near it is."""
    needs_probabilities: ClassVar[bool] = False
    """True where the size of a probability counts, not only which is the largest."""

    def check(self, target: Target) -> None:
        """Check that the metric is for such a target, whose task is one of ``tasks``.

        Raises:
            ShapeError: it is not; the message says why.
        """

    def undefined(self, target: Target) -> str | None:
        """Why the score of such a part of the data is NaN; None where it is not.

        Args:
            target: of the part.
        """
        return None

    def start(self, task: Task) -> Meter:
        """A new meter for one of the metric's tasks."""
        raise NotImplementedError


metric = Metric.family


def take_in(meters: Mapping[Metric, Meter], loss: Loss, outputs: Array, targets: Array) -> None:
    """Show meters a batch, in the form that each reads.

    Args:
        meters: by metric.
        loss: what the outputs mean.
        outputs: (n, *output), raw.
        targets: see ``Meter.add``.
    """
    forms = {
        "predictions": cache(lambda: loss.predictions(outputs)),
        "log_odds": cache(lambda: loss.log_odds(outputs)),
    }
    for metric, meter in meters.items():
        meter.add(forms[metric.reads](), targets)


def names(metrics: Sequence[Metric]) -> tuple[str, ...]:
    """What files and terminals call each of the metrics that a spec lists.

    A metric that is listed once goes by its kind.  One that is listed several times, as
    ``top_k: 3`` and ``top_k: 5``, has the fields in which they differ behind it: ``top_k_3``.
    """
    counts = Counter(metric.kind for metric in metrics)
    return tuple(
        "_".join([each.kind, *_differences(each, [m for m in metrics if m.kind == each.kind])])
        if counts[each.kind] > 1
        else each.kind
        for each in metrics
    )


def _differences(metric: Metric, alike: Sequence[Metric]) -> list[str]:
    fields = type(metric).model_fields
    return [
        _word(getattr(metric, name))
        for name in fields
        if any(getattr(other, name) != getattr(metric, name) for other in alike)
    ]


def _word(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
