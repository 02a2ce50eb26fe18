"""Predicted against true values of a regression, from a bounded number of values."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.inference.class_curves import short
from dlrun.nn.losses.base import Loss
from dlrun.rng import Stream, generator
from dlrun.run_directory.curves import Curves, Predicted, SetName

SEPARATE = 4
"""Up to this many outputs, each has its own list; the values of more are taken together."""
POINTS = 1000
"""Approximate maximum number of values in all lists."""


class PredictedValues:
    """Collects the predictions of a scored set.

    Args:
        loss: converts outputs to predictions.
        data: the set, with real-valued targets.
        name: of the set.
        seed: the run's seed, for the choice of values.
    """

    def __init__(self, loss: Loss, data: Dataset, name: SetName, seed: int) -> None:
        self._loss, self._set = loss, name
        shape = data.targets.shape
        outputs = shape[-1] if len(shape) > 1 else 1
        self._columns = outputs if outputs <= SEPARATE else 1
        rows = math.prod(shape) // self._columns
        self._share = min(1.0, POINTS / self._columns / max(1, rows))
        self._draws = generator(seed, Stream.CURVES)
        self._true: list[Array] = []
        self._predicted: list[Array] = []
        self._seen, self._decisions = 0, 0
        self._name = "target" if len(shape) < 3 else "value"
        if self._columns < outputs:
            self._name = f"value of all {outputs} outputs"
        self._mean, self._spread, self._error, self._bias = np.zeros((4, self._columns))

    def __call__(self, outputs: Array, targets: Array) -> None:
        """Add a block, both (n, ...)."""
        said = self._loss.predictions(outputs).reshape(-1, self._columns).astype(np.float64)
        true = targets.reshape(-1, self._columns).astype(np.float64)
        count = len(true)
        total = self._seen + count
        mean = true.mean(axis=0)
        shift = mean - self._mean
        # Chan, Golub & LeVeque, 1983: a plain sum of squares would lose digits.
        self._spread += ((true - mean) ** 2).sum(axis=0)
        self._spread += shift**2 * (self._seen * count / total)
        self._mean += shift * (count / total)
        self._error += ((said - true) ** 2).sum(axis=0)
        self._bias += (said - true).sum(axis=0)
        self._seen, self._decisions = total, self._decisions + len(targets)
        if self._share < 1:
            chosen = self._draws.random(count) < self._share
            true, said = true[chosen], said[chosen]
        self._true.append(true)
        self._predicted.append(said)

    def result(self) -> Curves | None:
        """The values; None if a prediction is not finite, or their squares are too large."""
        true, said = np.concatenate(self._true), np.concatenate(self._predicted)
        if not len(true) or not np.isfinite(self._error).all():
            return None
        return Curves(
            set=self._set,
            decisions=self._decisions,
            used=self._decisions,
            predicted=tuple(
                Predicted(
                    name=self._name if self._columns == 1 else f"{self._name} {column + 1}",
                    values=self._seen,
                    r2=self._r2(column),
                    rmse=math.sqrt(self._error[column] / self._seen),
                    bias=float(self._bias[column] / self._seen),
                    true=short(true[:, column]),
                    predicted=short(said[:, column]),
                )
                for column in range(self._columns)
            ),
        )

    def _r2(self, column: int) -> float | None:
        spread, error = float(self._spread[column]), float(self._error[column])
        found = 1 - error / spread if spread > 0 else math.nan
        return found if math.isfinite(found) else None
