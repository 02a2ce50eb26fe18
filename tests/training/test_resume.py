"""A training that is cut off anywhere and goes on ends with the bits of one that was not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dlrun import api
from dlrun.nn.optimizer import Optimizer
from dlrun.runs.directory import RunDirectory
from dlrun.training.events import EpochEnded, Event, StepEnded

Spec = Callable[..., Path]

ALWAYS = {"every": {"steps": 1}, "share": 1.0}
"""A checkpoint behind each step."""

RULES = sorted(Optimizer.family)

STATEFUL: dict[str, dict[str, Any]] = {
    "a moving average": {"average": {"ema": 0.9}},
    "an average of epochs": {
        "average": {"swa": 2},
        "model": [{"dense": 8}, "batch_norm", "tanh", {"dense": 3}],
    },
    "a plateau": {"schedule": {"reduce_on_plateau": {"patience": 1, "min_delta": 0.5}}},
    "accumulation": {"accumulate": 3, "clip": {"norm": 0.1}, "penalty": {"l2": 0.1}},
    "running statistics": {"model": [{"dense": 8}, "batch_norm", "relu", {"dense": 3}]},
    "dropout": {"model": [{"dense": 8}, "tanh", {"dropout": 0.3}, {"dense": 3}]},
    "weights from data": {"initializer": "lsuv"},
    "early stopping": {
        "early_stopping": {"patience": 2, "min_delta": 0.2},
        "epochs": 9,
    },
    "rates by step": {"schedule": {"cosine": {"warmup": 1}}},
    "mixtures": {"augment": [{"mixup": 0.4}]},
    "many metrics": {
        "metrics": [
            "accuracy",
            {"top_k": 2},
            "balanced_accuracy",
            "precision",
            "f1",
            "roc_auc",
            "log_loss",
            "calibration_error",
        ]
    },
    "numbers": {
        "data": {"source": "diabetes", "preprocess": ["standardize"], "batch_size": 64},
        "model": [{"dense": 4}, "relu", {"dense": 1}],
        "loss": "mse",
        "metrics": ["mae", "rmse", "r2"],
    },
    "images that move": {
        "data": {"source": "digits", "split": {"validation": 0.8}, "batch_size": 48},
        "augment": ["translate", "noise"],
        "model": ["flatten", {"dense": 8}, "relu", {"dense": 10}],
    },
}


def until(events: Iterator[Event], count: int) -> int:
    """Take events until so many steps and epochs have ended; those that are still to come."""
    for event in events:
        if isinstance(event, StepEnded | EpochEnded):
            count -= 1
            if not count:
                break
    return count


def whole(path: Path, folder: Path) -> RunDirectory:
    with api.start(path, runs=folder) as training:
        for _ in training.events():
            pass
        training.finish(pictures=False)
    return training.directory


def outcome(run: RunDirectory) -> dict[str, Any]:
    """All that a run leaves, but for the time that it took and when it was stored before."""
    result = {key: value for key, value in run.result().items() if key != "seconds"}
    columns = {key: value for key, value in run.metrics().items() if key != "seconds"}
    files = {
        name: hashlib.sha256((run.checkpoints / f"{name}.safetensors").read_bytes()).hexdigest()
        for name in ("best", "last")
    }
    return {**result, "columns": columns, **files}


def in_pieces(path: Path, folder: Path, lengths: Iterator[int]) -> tuple[RunDirectory, int]:
    """Train, cut off after some events, go on, and so forth; the run, and the number of cuts."""
    training: api.Training | api.Run = api.start(path, runs=folder)
    cuts = 0
    for length in lengths:
        assert isinstance(training, api.Training)
        with training:
            events = training.events()
            assert until(events, length) == 0
            events.close()  # type: ignore[attr-defined]
        cuts += 1
        training = api.go_on(path, runs=folder)
    assert isinstance(training, api.Training)
    with training:
        for _ in training.events():
            pass
        training.finish(pictures=False)
    return training.directory, cuts


@pytest.mark.parametrize("what", [*RULES, *STATEFUL])
def test_a_training_in_pieces_ends_with_the_same_bits(
    spec: Spec, tmp_path: Path, what: str
) -> None:
    keys = STATEFUL.get(what, {"optimizer": {what: 0.01}})
    path = spec(**{"checkpoint": ALWAYS, **keys})
    expected = whole(path, tmp_path / "whole")
    found, cuts = in_pieces(path, tmp_path / "pieces", iter([1, 2, 3, 4, 5, 1]))
    assert cuts == 6
    assert outcome(found) == outcome(expected)
