"""What the experiment on initial weights measured, by rule and activation function."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.initialization.signals import Signals
from experiments.initialization.units import Moment
from experiments.own_rate import Side
from experiments.pace import pace

RULES: Mapping[str, Any] = {
    "zeros": "zeros",
    "constant 1/64": {"constant": 0.015625},
    "normal 0.01": {"normal": 0.01},
    "normal 1.0": {"normal": 1.0},
    "Xavier": "xavier_normal",
    "He": "he_normal",
    "LeCun": {"lecun_normal": "auto"},
    "orthogonal": {"orthogonal": "auto"},
    "LSUV": "lsuv",
}
DEPTHS = (5, 10, 20, 50)
"""Depths at which signals are measured before training."""
TARGET = 1.0
"""Validation loss whose first epoch is counted; guessing among ten classes has 2.30."""
STEP = 1 / 359
"""What one sample of the test set changes of the accuracy."""
_CHANCE = 0.1


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that was measured.

    Attributes:
        sides: trainings by depth, activation and rule.
        signals: before training, by activation, rule and depth; one per seed.
        units: of the second hidden layer in training, by rule; one list of epochs per seed.
        epochs: of each training.
    """

    sides: Mapping[tuple[int, str, str], Side]
    signals: Mapping[tuple[str, str, int], Sequence[Signals]]
    units: Mapping[str, Sequence[Sequence[Moment]]]
    epochs: int

    def accuracy(self, depth: int, activation: str, rule: str) -> list[float]:
        """Test accuracy by seed; that of guessing if the training diverged."""
        return self.sides[depth, activation, rule].scores("test.accuracy", _CHANCE)

    def reached(self, depth: int, activation: str, rule: str) -> list[float]:
        """The first epoch with a validation loss of ``TARGET``, or one more than all epochs."""
        runs = self.sides[depth, activation, rule].runs
        return [
            float(pace(run, "validation.loss", TARGET, self.epochs, lower=True)) for run in runs
        ]

    def change(self, activation: str, rule: str, *, gradients: bool) -> list[float]:
        """By how many powers of ten the deepest network changes the signal, by seed.

        Activations change from the first to the last layer, gradients from the last to the first.
        """
        found = []
        for each in self.signals[activation, rule, max(DEPTHS)]:
            row = each.gradients[::-1] if gradients else each.activations
            found.append(math.log10(row[-1] / row[0]))
        return found


def rule_of(initializer: Any) -> str:
    """The name of a rule."""
    wanted = json.dumps(initializer)
    return next(name for name, value in RULES.items() if json.dumps(value) == wanted)
