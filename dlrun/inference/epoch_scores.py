"""Loss and metrics of a training epoch, from the outputs of its steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlrun.arrays import Array
from dlrun.inference.scores import BUFFER_BYTES, BUFFER_ROWS, mean_loss
from dlrun.nn.losses.base import Loss
from dlrun.nn.metrics.base import Metric, names, take_in
from dlrun.nn.state import State, joined, under
from dlrun.nn.target import Task


class Scores:
    """Metrics of a training epoch, from the outputs that its steps compute anyway.

    Outputs of several steps are buffered and scored together, which takes a tenth of the time.
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
        if mask is not None:  # each unmasked step counts as a sample
            output, targets = _steps(output), _steps(targets)
        per_sample = max(1, output[0].nbytes)
        rows = max(len(output), min(BUFFER_ROWS, BUFFER_BYTES // per_sample))
        self._outputs = np.empty((rows, *output.shape[1:]), output.dtype)
        self._targets = np.empty((rows, *targets.shape[1:]), targets.dtype)
        self.restart()

    def restart(self) -> None:
        """Start an epoch."""
        self._meters = {metric: metric.start(self._task) for metric in self._metrics}
        self._filled = 0
        self._losses: list[float] = []
        self._sizes: list[int] = []

    def add(self, loss: float, output: Array, targets: Array, mask: Array | None = None) -> None:
        """Add a step of training.

        Args:
            loss: of the batch.
            output: (batch, ...), of the network.
            targets: (batch, ...).
            mask: see ``Plan.mask``.
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
        """Losses, meters, and the buffered outputs."""
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
        """Continue within an epoch.

        Raises:
            ValueError: the state has another form.
        """
        for name, array in self.state().items():
            if name in state and state[name].ndim != array.ndim:
                raise ValueError(f"the scores of the current epoch have another form: {name}")
        self._losses, self._sizes = state["losses"].tolist(), state["sizes"].tolist()
        self._filled = len(state["outputs"])
        self._outputs[: self._filled] = state["outputs"]
        self._targets[: self._filled] = state["targets"]
        for name, meter in zip(names(self._metrics), self._meters.values(), strict=True):
            meter.restore(under(state, f"meters.{name}"))

    def values(self) -> dict[str, float]:
        """The loss and every metric, by name."""
        self._flush()
        found = {"loss": mean_loss(self._losses, self._sizes)}
        for name, meter in zip(names(self._metrics), self._meters.values(), strict=True):
            found[name] = meter.value()
        return found

    def _flush(self) -> None:
        if self._filled:
            outputs, targets = self._outputs[: self._filled], self._targets[: self._filled]
            take_in(self._meters, self._loss, outputs, targets)
            self._filled = 0


def _steps(array: Array) -> Array:
    """(n, time, ...) as (n time, ...)."""
    return array.reshape(-1, *array.shape[2:])
