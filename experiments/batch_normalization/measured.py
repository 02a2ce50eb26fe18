"""What the experiment on batch normalization measured."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.batch_normalization.drift import Drift
from experiments.batch_normalization.gap import gaps
from experiments.batch_normalization.trainings import (
    TARGET,
    epochs_to_target,
    largest_rates,
    spreads,
)
from experiments.own_rate import Side
from experiments.pace import epochs_to

INITIALIZERS: Mapping[str, Any] = {
    "normal 0.01": {"normal": 0.01},
    "normal 1": {"normal": 1.0},
    "Xavier": "xavier_normal",
    "He": "he_normal",
}
ONE_DIGIT, ONE_OF_FEW = 1 / 359, 1 / 1258
"""What one sample of the test set changes of the accuracy."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that was measured.

    Attributes:
        rates: by ``none`` and ``batch``, one side per learning rate.
        fastest: by ``none`` and ``batch``, the learning rate that was chosen for speed.
        initial: by ``none`` and ``batch``, one side per initializer, each with its own rate.
        statistics: with batch normalization, by the samples of its statistics.
        layers: by ``none``, ``layer`` and ``group``, with the same data.
        drifts: by ``none``, ``batch`` and ``noisy``, one per seed.
        epochs: of each training on all samples.
    """

    rates: Mapping[str, Sequence[Side]]
    fastest: Mapping[str, float]
    initial: Mapping[str, Sequence[Side]]
    statistics: Mapping[int, Side]
    layers: Mapping[str, Side]
    drifts: Mapping[str, Sequence[Drift]]
    epochs: int

    def largest(self, norm: str) -> list[float]:
        """The largest learning rate that trains, by seed."""
        return largest_rates(self.rates[norm], self.epochs)

    def fast(self, norm: str) -> Side:
        """The trainings with the rate that was chosen for speed."""
        return next(side for side in self.rates[norm] if side.rate == self.fastest[norm])

    def paces(self, norm: str) -> list[int]:
        """Epochs to the target, by seed."""
        return [epochs_to_target(run, self.epochs) for run in self.fast(norm).runs]

    def spread(self, norm: str) -> list[float]:
        """The spread of test accuracies over initializers, by seed."""
        return spreads(self.initial[norm])

    def gap(self, batch: int) -> list[float]:
        """Test loss minus training loss, by seed."""
        return gaps(self.statistics[batch].runs)

    def drift(self, name: str) -> list[float]:
        """Change of the inputs of a hidden layer per step, by seed."""
        return [each.per_step for each in self.drifts[name]]

    def log_drift(self, name: str) -> list[float]:
        """Its logarithm of base ten."""
        return [math.log10(each) for each in self.drift(name)]

    def watched_paces(self, name: str) -> list[int]:
        """Epochs to the target of the trainings whose drift was measured, by seed."""
        return [epochs_to(each.accuracies, TARGET, self.epochs) for each in self.drifts[name]]


def initializer_of(side: Side) -> str:
    """The name of a side's initializer."""
    wanted = json.dumps(side.settings["params.initializer"])
    return next(name for name, value in INITIALIZERS.items() if json.dumps(value) == wanted)
