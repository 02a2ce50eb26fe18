"""Loss and metrics over a part of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.nn.answers import said_classes
from dlrun.nn.layer import Tensor
from dlrun.nn.loss import Loss
from dlrun.nn.metric import Metric, names
from dlrun.nn.network import Network
from dlrun.nn.target import Task

_BUFFER_BYTES = 4 * 2**20


class Scores:
    """Metrics of an epoch of training, from the outputs that its steps gave anyway.

    A step copies its outputs; the metrics look at many steps at once, which costs a tenth.
    """

    def __init__(
        self, loss: Loss, metrics: Sequence[Metric], task: Task, output: Array, targets: Array
    ) -> None:
        self._loss, self._metrics, self._task = loss, metrics, task
        per_sample = max(1, output[0].nbytes)
        rows = max(len(output), min(4096, _BUFFER_BYTES // per_sample))
        self._outputs = np.empty((rows, *output.shape[1:]), output.dtype)
        self._targets = np.empty((rows, *targets.shape[1:]), targets.dtype)
        self.restart()

    def restart(self) -> None:
        """Begin an epoch."""
        self._meters = [metric.start(self._task) for metric in self._metrics]
        self._filled = 0
        self._losses: list[float] = []
        self._sizes: list[int] = []

    def add(self, loss: float, output: Array, targets: Array) -> None:
        """Take in a step."""
        count = len(output)
        self._losses.append(loss)
        self._sizes.append(count)
        if not self._metrics:
            return
        if self._filled + count > len(self._outputs):
            self._flush()
        self._outputs[self._filled : self._filled + count] = output
        self._targets[self._filled : self._filled + count] = targets
        self._filled += count

    def values(self) -> dict[str, float]:
        """The loss and every metric, by name."""
        self._flush()
        found = {"loss": float(np.average(self._losses, weights=self._sizes))}
        for name, meter in zip(names(self._metrics), self._meters, strict=True):
            found[name] = meter.value()
        return found

    def _flush(self) -> None:
        if self._filled:
            predictions = self._loss.predictions(self._outputs[: self._filled])
            for meter in self._meters:
                meter.add(predictions, self._targets[: self._filled])
            self._filled = 0


@np.errstate(all="ignore")  # weights that have diverged give scores that say so
def evaluate(network: Network, metrics: Sequence[Metric], data: Dataset) -> dict[str, float]:
    """The loss and every metric of a part of the data, in evaluation mode, by name."""
    outputs = network.outputs(data.inputs)
    found = {"loss": network.loss.bind(Tensor(outputs), data.targets, network.kernels)()}
    predictions = network.loss.predictions(outputs)
    for name, metric in zip(names(metrics), metrics, strict=True):
        meter = metric.start(data.task)
        meter.add(predictions, data.targets)
        found[name] = meter.value()
    return found


@np.errstate(all="ignore")
def confusion(network: Network, data: Dataset, classes: int) -> tuple[tuple[int, ...], ...]:
    """Counts of samples, or of their places where each has a class.

    Rows are true, columns predicted classes.
    """
    answers = said_classes(network.predict(data.inputs))
    codes = data.targets.reshape(-1) * classes + answers
    counts = np.bincount(codes, minlength=classes * classes)
    return tuple(tuple(row) for row in counts.reshape(classes, classes).tolist())


def prefixed(part: str, scores: Mapping[str, float]) -> dict[str, float]:
    """Scores under the names that files and terminals use, as ``validation.loss``."""
    return {f"{part}.{name}": value for name, value in scores.items()}
