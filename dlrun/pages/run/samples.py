"""Validation samples of a run with the predictions of its network."""

from __future__ import annotations

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
    """

    raw: Dataset
    ready: Dataset
    rows: Array
    predictions: Array
    total: int
    probabilistic: bool = True

    @property
    def remark(self) -> str:
        """Which samples these are, as a sentence."""
        if len(self.rows) == self.total:
            return f"All {self.total} validation samples, predicted again."
        return (
            f"{len(self.rows)} of {self.total} validation samples, evenly spaced; the others were "
            "left out to limit the time (--samples)."
        )


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
            predictions = data.model.network.predict(np.asarray(ready.inputs[:]))
    except DlrunError as error:
        raise Unavailable(f"The validation set cannot be used: {error}.") from error
    where = np.asarray(data.parts.rows["validation"])[rows]
    probabilistic = data.experiment.loss.probabilistic
    return Predicted(raw.take(rows), ready, where, predictions, len(raw), probabilistic)


def limit(graph: Graph, most: int | None) -> int:
    """How many samples are predicted at most."""
    if most is not None:
        return most
    return int(min(MOST, max(32.0, _WORK / max(1, graph.multiply_adds()))))
