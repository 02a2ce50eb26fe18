"""Tests with the libraries of loggers need the extras of these names."""

from __future__ import annotations

import importlib.util

LIBRARIES = {
    "tensorboardX": "test_tensorboard.py",
    "mlflow": "test_mlflow.py",
    "trackio": "test_trackio.py",
    "wandb": "test_wandb.py",
}

collect_ignore = [
    file for name, file in LIBRARIES.items() if importlib.util.find_spec(name) is None
]
