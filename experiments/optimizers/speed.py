"""How fast a training is: steps to a target, and processor time per step."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dlrun.launch.start import start
from dlrun.training.events import EpochEnded


def reached(steps: Sequence[float], scores: Sequence[float], target: float) -> float | None:
    """The step at which a score first is at least the target; None if it never is.

    Scores are known at the ends of epochs; between two of them the score is taken as a line.

    Args:
        steps: steps trained at the end of each epoch.
        scores: the score then; higher is better.
        target: the score to reach.
    """
    for epoch, score in enumerate(scores):
        if score >= target:
            if epoch == 0:
                return float(steps[0])
            before, start = scores[epoch - 1], steps[epoch - 1]
            return float(start + (steps[epoch] - start) * (target - before) / (score - before))
    return None


def step_seconds(spec: Path, values: Mapping[str, Any], runs: Path, epochs: int) -> float:
    """Processor time per step of the fastest epoch, with its validation and its files.

    Unlike seconds of a clock, it does not contain the waiting for other programs.

    Args:
        spec: of the training.
        values: of the optimizer, as in a spec.
        runs: a folder for the training.
        epochs: how many to train, two or more; the first one is not measured.
    """
    times, steps = [], []
    with start(spec, {"optimizer": dict(values), "epochs": epochs}, runs=runs) as training:
        for event in training.events():
            if isinstance(event, EpochEnded):
                times.append(time.process_time())
                steps.append(event.row["step"])
        training.finish(pictures=False)
    return min(
        (times[epoch] - times[epoch - 1]) / (steps[epoch] - steps[epoch - 1])
        for epoch in range(1, len(times))
    )
