"""The tasks, and the settings that suit each with and without early stopping."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.early_stopping.followed import Case
from experiments.early_stopping.stopping import stopped
from experiments.lab import Trained

SAMPLES = 160
"""Samples for training and validation together."""
PATIENCE = 20
"""Patience of early stopping where nothing else is said."""
FRACTIONS = (0.05, 0.1, 0.2, 0.4)
"""Fractions of the samples that validate."""
USUAL = 0.2
"""The fraction of the specs."""

FOLDER = Path(__file__).parent

Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """Few samples of a data set.

    Attributes:
        name: of the spec.
        total: samples of the data set.
        score: the metric, besides the loss.
        noisy: whether the best possible predictions are often wrong.
    """

    name: str
    total: int
    score: str
    noisy: bool

    @property
    def sweep(self) -> dict[str, str]:
        """What replaces the spec of a sweep."""
        return {"spec": f"{self.name}.yaml"}

    def case(self, seed: int, epochs: int, settings: Settings, fraction: float = USUAL) -> Case:
        """A whole training.  The test set of a seed is the same for all fractions."""
        held = {} if fraction == USUAL else {"data.split.validation": self.validation(fraction)}
        return (
            FOLDER / f"{self.name}.yaml",
            {"seed": seed, "epochs": epochs, **settings, **held},
        )

    def validation(self, fraction: float) -> float:
        """The fraction of all samples that is this one of the few."""
        return round(fraction * SAMPLES / self.total, 4)


TASKS = (
    Task("digits", 1797, "accuracy", noisy=False),
    Task("diabetes", 442, "r2", noisy=True),
    Task("moons", 1160, "accuracy", noisy=True),
)

SIDES = ("all epochs", "early stopping", "regularized", "both")
"""Combinations of early stopping with dropout and weight decay."""


def chosen(trained: Sequence[Trained]) -> dict[str, Settings]:
    """The settings of each of ``SIDES`` with the lowest mean validation loss.

    With early stopping it is the loss of the best epoch, without it that of the last one; without
    regularization, only settings with neither dropout nor weight decay are compared.
    """
    plain = [each for each in trained if not any(map(each.settings.get, _STRENGTHS))]
    return {
        "all epochs": _lowest(plain, _last),
        "early stopping": _lowest(plain, _kept),
        "regularized": _lowest(trained, _last),
        "both": _lowest(trained, _kept),
    }


_STRENGTHS = ("params.dropout", "params.decay")


def _last(losses: Sequence[float]) -> float:
    return losses[-1]


def _kept(losses: Sequence[float]) -> float:
    return losses[stopped(losses, PATIENCE).best - 1]


def _lowest(trained: Sequence[Trained], loss: Callable[[Sequence[float]], float]) -> Settings:
    sums: dict[str, float] = {}
    for each in trained:
        key = json.dumps(dict(each.settings), sort_keys=True)
        value = math.inf if each.failed else loss(each.curves["validation.loss"])
        sums[key] = sums.get(key, 0.0) + value
    found: Settings = json.loads(min(sums, key=lambda key: sums[key]))
    return found
