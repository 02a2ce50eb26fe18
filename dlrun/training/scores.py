"""Loss and metrics over a part of the data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.errors import DataError
from dlrun.nn.answers import said_classes
from dlrun.nn.layer import Tensor
from dlrun.nn.loss import Loss
from dlrun.nn.metric import Metric, names, take_in
from dlrun.nn.network import Network
from dlrun.nn.state import State, joined, under
from dlrun.nn.target import Task

_BUFFER_BYTES = 4 * 2**20
_BUFFER_ROWS = 4096
_LEAST_ROWS = 256


class Scores:
    """Metrics of an epoch of training, from the outputs that its steps gave anyway.

    A step copies its outputs; the metrics look at many steps at once, which costs a tenth.
    """

    def __init__(
        self,
        loss: Loss,
        metrics: Sequence[Metric],
        task: Task,
        output: Array,
        targets: Array,
        mask: Array | None = None,
    ) -> None:
        self._loss, self._metrics, self._task = loss, metrics, task
        if mask is not None:  # each valid step counts as a sample
            output, targets = _steps(output), _steps(targets)
        per_sample = max(1, output[0].nbytes)
        rows = max(len(output), min(_BUFFER_ROWS, _BUFFER_BYTES // per_sample))
        self._outputs = np.empty((rows, *output.shape[1:]), output.dtype)
        self._targets = np.empty((rows, *targets.shape[1:]), targets.dtype)
        self.restart()

    def restart(self) -> None:
        """Begin an epoch."""
        self._meters = {metric: metric.start(self._task) for metric in self._metrics}
        self._filled = 0
        self._losses: list[float] = []
        self._sizes: list[int] = []

    def add(self, loss: float, output: Array, targets: Array, mask: Array | None = None) -> None:
        """Take in a step of training.

        Args:
            loss: of the batch.
            output: (batch, ...), what the network says.
            targets: (batch, ...).
            mask: as ``Plan.mask``.
        """
        if mask is not None:
            output, targets = output[mask != 0], targets[mask != 0]
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

    def state(self) -> State:
        """Losses, meters, and the outputs that no meter has looked at yet."""
        states = (meter.state() for meter in self._meters.values())
        meters = dict(zip(names(self._metrics), states, strict=True))
        return {
            "losses": np.asarray(self._losses, np.float64),
            "sizes": np.asarray(self._sizes, np.int64),
            "outputs": self._outputs[: self._filled],
            "targets": self._targets[: self._filled],
            **joined({"meters": joined(meters)}),
        }

    def restore(self, state: State) -> None:
        """Go on within an epoch."""
        for name, array in self.state().items():
            if name in state and state[name].ndim != array.ndim:
                raise ValueError(f"the scores of the epoch under way have another form: {name}")
        self._losses, self._sizes = state["losses"].tolist(), state["sizes"].tolist()
        self._filled = len(state["outputs"])
        self._outputs[: self._filled] = state["outputs"]
        self._targets[: self._filled] = state["targets"]
        for name, meter in zip(names(self._metrics), self._meters.values(), strict=True):
            meter.restore(under(state, f"meters.{name}"))

    def values(self) -> dict[str, float]:
        """The loss and every metric, by name."""
        self._flush()
        found = {"loss": _mean(self._losses, self._sizes)}
        for name, meter in zip(names(self._metrics), self._meters.values(), strict=True):
            found[name] = meter.value()
        return found

    def _flush(self) -> None:
        if self._filled:
            outputs, targets = self._outputs[: self._filled], self._targets[: self._filled]
            take_in(self._meters, self._loss, outputs, targets)
            self._filled = 0


@np.errstate(all="ignore")  # weights that have diverged give scores that say so
def evaluate(network: Network, metrics: Sequence[Metric], data: Dataset) -> dict[str, float]:
    """The loss and every metric of a part of the data, in evaluation mode, by name.

    Where the network's output has a mask, each valid step counts as a sample.

    Raises:
        DataError: there is no valid step at all.
    """
    meters = {metric: metric.start(data.task) for metric in metrics}
    losses, sizes = [], []
    for outputs, targets in _blocks(network, data):
        if not len(targets):
            continue
        losses.append(network.loss.bind(Tensor(outputs), targets, network.kernels)())
        sizes.append(len(targets))
        take_in(meters, network.loss, outputs, targets)
    found = {"loss": _mean(losses, sizes)}
    for name, meter in zip(names(metrics), meters.values(), strict=True):
        found[name] = meter.value()
    return found


@np.errstate(all="ignore")
def confusion(network: Network, data: Dataset, classes: int) -> tuple[tuple[int, ...], ...]:
    """Counts of samples, or of their places where each has a class.

    Rows are true, columns predicted classes.
    """
    counts = np.zeros(classes * classes, np.int64)
    for outputs, codes in _blocks(network, data):
        answers = said_classes(network.loss.predictions(outputs))
        counts += np.bincount(codes.reshape(-1) * classes + answers, minlength=classes * classes)
    return tuple(tuple(row) for row in counts.reshape(classes, classes).tolist())


def _blocks(network: Network, data: Dataset) -> Iterator[tuple[Array, Array]]:
    """Outputs and targets, some samples at a time, as many as the shape of a sample says.

    Where the outputs have a mask, those of the valid steps, (steps, ...).
    """
    per_sample = 4 * max(1, math.prod(data.sample_shape))
    rows = max(_LEAST_ROWS, min(_BUFFER_ROWS, _BUFFER_BYTES // per_sample))
    for start in range(0, len(data), rows):
        block = slice(start, start + rows)
        outputs, mask = network.masked_outputs(data.inputs[block])
        targets = data.targets[block]
        yield (outputs, targets) if mask is None else (outputs[mask != 0], targets[mask != 0])


def _steps(array: Array) -> Array:
    """(n, time, ...) as (n time, ...)."""
    return array.reshape(-1, *array.shape[2:])


def _mean(losses: Sequence[float], sizes: Sequence[int]) -> float:
    """The mean loss of samples, or of valid steps, from those of batches.

    Raises:
        DataError: there are none.
    """
    if not any(sizes):
        raise DataError("there is no valid step to score: all steps of all samples are padding")
    return float(np.average(losses, weights=sizes))


def prefixed(part: str, scores: Mapping[str, float]) -> dict[str, float]:
    """Scores under the names that files and terminals use, as ``validation.loss``."""
    return {f"{part}.{name}": value for name, value in scores.items()}
