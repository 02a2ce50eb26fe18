"""Trainings of a small CNN, watched by a probe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dlrun.launch.start import start
from dlrun.launch.training import Training
from dlrun.nn.engine.probe import Probe

CNN: dict[str, Any] = {
    "data": {"source": "digits", "split": {"validation": 0.5}, "batch_size": 100},
    "model": [
        {"conv": {"filters": 6, "kernel": 3}},
        "batch_norm",
        "relu",
        {"residual": {"layers": [{"conv": {"filters": 6, "kernel": 3}}, "tanh"]}},
        "max_pool",
        "flatten",
        {"dropout": 0.2},
        {"dense": "${classes}"},
    ],
    "epochs": 2,
}


def trained(path: Path, folder: Path, probe: Probe) -> Training:
    with start(path, runs=folder, probe=probe) as training:
        training.run()
    return training
