"""The trainings with and without normalization, by side and learning rate."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from experiments.lab import Trained
from experiments.own_rate import Side
from experiments.pace import pace

BLOCKS: Mapping[str, Sequence[Any]] = {
    "none": [{"dense": 32}, "relu"],
    "batch": [{"dense": 32}, "batch_norm", "relu"],
    "layer": [{"dense": 32}, "layer_norm", "relu"],
    "group": [{"dense": 32}, {"group_norm": 2}, "relu"],
}
"""Layers of each normalization that are repeated."""

RATE = "params.rate"
TARGET = 0.9
"""Validation accuracy of a network that trains."""
CHANCE = 0.1


def accuracies(side: Side) -> list[float]:
    """Test accuracies by seed; that of guessing if the training diverged."""
    return side.scores("test.accuracy", CHANCE)


def named(block: Any) -> str:
    """The normalization of a block."""
    return next(name for name, layers in BLOCKS.items() if list(layers) == block)


def sides(trained: Sequence[Trained]) -> list[Side]:
    """The trainings of a grid, put together by all settings except the seed."""
    found: dict[tuple[str, float], list[Trained]] = {}
    for run in trained:
        given = dict(run.settings)
        rate = float(given.pop(RATE))
        given.pop("seed", None)
        found.setdefault((json.dumps(given, sort_keys=True), rate), []).append(run)
    return [Side(json.loads(rest), rate, runs) for (rest, rate), runs in found.items()]


def epochs_to_target(run: Trained, epochs: int) -> int:
    """The first epoch of a training with the target accuracy on the validation set."""
    return pace(run, "validation.accuracy", TARGET, epochs)


def largest_rates(found: Sequence[Side], epochs: int) -> list[float]:
    """For each seed the largest rate with which it trains; half of the smallest if it never does.

    Args:
        found: the same settings with different rates, each with the same seeds.
        epochs: of each training.
    """
    seeds = range(len(found[0].runs))
    none = min(side.rate for side in found) / 2

    def trains(side: Side, seed: int) -> bool:
        return epochs_to_target(side.runs[seed], epochs) <= epochs

    return [
        max((side.rate for side in found if trains(side, seed)), default=none) for seed in seeds
    ]


def spreads(found: Sequence[Side]) -> list[float]:
    """For each seed the difference between the most and the least accurate side."""
    return [max(row) - min(row) for row in zip(*map(accuracies, found), strict=True)]


def epoch_seconds(found: Sequence[Side]) -> float:
    """Seconds of the fastest epoch, which other programs slowed down least."""
    times = [run.curves["seconds"] for side in found for run in side.runs if not run.failed]
    ends = [[0.0, *each] for each in times]
    return min(after - before for row in ends for before, after in pairwise(row) if after > before)
