"""Validation samples of a run with the predictions of its network."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.errors import DlrunError
from dlrun.nn.graph.builder import Graph
from dlrun.nn.parallel.blas import alone
from dlrun.pages.run.trained import TrainedData, Unavailable, evenly

MOST = 2_000
"""Maximum number of samples that are predicted."""


_WORK = 4e8
"""Maximum multiply-adds of the predictions: about a second in NumPy."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """Some validation samples and their predictions.

    Attributes:
        raw: the samples as the source returns them, before preprocessing.
        ready: the same samples as the network reads them.
        rows: (n,) their rows in the source.
        predictions: (n, ...).
        total: number of samples in the validation set.
        probabilistic: whether predictions of classes are probabilities, not scores.
        mask: (n, time), 1 at real steps of the predictions and 0 at padding; None without padding.
    """

    raw: Dataset
    ready: Dataset
    rows: Array
    predictions: Array
    total: int
    probabilistic: bool = True
    mask: Array | None = None

    @property
    def remark(self) -> str:
        """Which samples these are, as a sentence."""
        if len(self.rows) == self.total:
            return f"All {self.total} validation samples, predicted again."
        return (
            f"{len(self.rows)} of {self.total} validation samples, evenly spaced; the others were "
            "left out to limit the time (--samples)."
        )

    def values(self) -> tuple[Array, Array, Array]:
        """True and predicted values of a regression, and the samples that they belong to.

        Returns:
            Two arrays, (m, k) float64, and (m,) indices.  Without padding there is one row for each
            sample, with it one for each real step.
        """
        true, said = np.asarray(self.ready.targets[:], np.float64), self.predictions
        of = np.arange(len(self.rows))
        if self.mask is not None:
            real = self.mask != 0
            true, said, of = true[real], said[real], np.nonzero(real)[0]
        size = math.prod(true.shape[1:])
        return true.reshape(-1, size), said.astype(np.float64).reshape(-1, size), of


def predict(data: TrainedData, most: int | None) -> Predicted:
    """Predictions for validation samples, as many as take about a second.

    Args:
        data: of the run.
        most: maximum number of samples; None: so many that it takes about a second.

    Raises:
        Unavailable: the validation set is missing or cannot be used.
    """
    if "validation" not in data.parts.data:
        raise Unavailable("The spec has no validation set.")
    raw = data.parts.data["validation"]
    rows = evenly(len(raw), limit(data.model.network.graph, most))
    try:
        ready = data.ready("validation", rows)
        with alone():
            network = data.model.network
            outputs, mask = network.masked_outputs(np.asarray(ready.inputs[:]))
            predictions = network.loss.predictions(outputs)
    except DlrunError as error:
        raise Unavailable(f"The validation set cannot be used: {error}.") from error
    where = np.asarray(data.parts.rows["validation"])[rows]
    probabilistic = data.experiment.loss.probabilistic
    return Predicted(raw.take(rows), ready, where, predictions, len(raw), probabilistic, mask)


def limit(graph: Graph, most: int | None) -> int:
    """How many samples are predicted at most."""
    if most is not None:
        return most
    return int(min(MOST, max(32.0, _WORK / max(1, graph.multiply_adds()))))
