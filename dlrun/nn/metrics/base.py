"""The base of metrics: a score over a dataset, computed batch by batch."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Literal, Protocol

from dlrun.arrays import Array
from dlrun.nn.losses.base import Loss
from dlrun.nn.state import Stateful
from dlrun.nn.target import Target, Task
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry


class Meter(Stateful, Protocol):
    """Computes a score batch by batch; every pass over the data starts a new meter.

    Its state holds all batches so far, so that an epoch can be resumed in another process.
    """

    def add(self, predictions: Array, targets: Array) -> None:
        """Add a batch.

        Args:
            predictions: from ``Loss.predictions``.  Classification: (n, ..., classes)
                probabilities, or (n, ..., 1) of the second of two classes; multi-label: (n, labels)
                probabilities; regression: values in the shape of the targets.  If the metric
                ``reads`` log-odds, the log-odds of each probability instead.
            targets: as ``Target.values``; in a classification also (n, ..., classes) probabilities,
                whose largest one is the true class.
        """

    def value(self) -> float:
        """The score of all batches so far; NaN if it is not defined."""


class Metric(Component):
    """Base class of all metrics."""

    family: ClassVar = Registry["Metric"]("metric")

    better: ClassVar[Literal["min", "max"]]
    """Whether lower or higher is better; used by early stopping."""
    bounds: ClassVar[tuple[float, float]] = (-math.inf, math.inf)
    """Smallest and largest possible value; infinite if unbounded. If both are finite, the score is
    a fraction of samples, or computed from such fractions, and so changes in steps."""
    tasks: ClassVar[tuple[Task, ...]]
    """The tasks that it can score."""
    reads: ClassVar[Literal["predictions", "log_odds"]] = "predictions"
    """``log_odds``, log(p / (1 - p)), if probabilities that round to 0 or 1 must still be
    ranked."""
    needs_probabilities: ClassVar[bool] = False
    """True if the probabilities themselves count, not only which one is the largest."""

    def check(self, target: Target) -> None:
        """Check that the metric fits the targets, whose task is one of ``tasks``.

        Raises:
            ShapeError: it does not; the message explains why.
        """

    def undefined(self, target: Target) -> str | None:
        """The reason why the score of a dataset is NaN; None if it is defined.

        Args:
            target: the dataset's targets.
        """
        return None

    def start(self, task: Task) -> Meter:
        """A new meter for one of the metric's tasks."""
        raise NotImplementedError


metric = Metric.family


def take_in(meters: Mapping[Metric, Meter], loss: Loss, outputs: Array, targets: Array) -> None:
    """Add a batch to each meter, in the form that its metric reads.

    Args:
        meters: by metric.
        loss: converts the outputs to predictions or log-odds.
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
    """Unique names of the metrics that a spec lists, for files and terminals.

    The name is the metric's kind.  If a kind is listed several times, such as ``top_k: 3`` and
    ``top_k: 5``, the differing settings are appended: ``top_k_3``.
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
