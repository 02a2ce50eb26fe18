"""Values that keys may have, by types alone."""

from __future__ import annotations

from typing import Any

import pytest

from dlrun import catalog
from dlrun.experiment.experiment import Experiment
from dlrun.spec.allowed import allowed

catalog.load()


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("epochs", 3, 0),
        ("epochs", 3, 1.5),
        ("optimizer.adam.beta1", 0.95, 1.1),
        ("optimizer.sgd.momentum", 0.995, 1.0),
        ("optimizer.adam.lr", 30.0, -0.1),
        ("loss.cross_entropy.label_smoothing", 0.5, 1.2),
        ("model.1.dropout", 0.95, 1.3),
        ("model.1.dropout.rate", 0.95, 1.3),
        ("model.0.dense", 64, 0),
        ("data.split.validation", 0.9, 1.6),
        ("data.batch_size", 512, 0),
        ("early_stopping.patience", 5, 0),
    ],
)
def test_a_value_alone(key: str, good: Any, bad: Any) -> None:
    assert allowed(Experiment, key.split("."), good) is True
    assert allowed(Experiment, key.split("."), bad) is False


@pytest.mark.parametrize(
    "key",
    [
        "params.dropout",
        "nothing",
        "optimizer.nothing.lr",
        "optimizer.adam.nothing",
        "optimizer",
        "model",
        "model.1",
        "model.1.relu",
        "epochs.more",
    ],
)
def test_types_do_not_know_every_key(key: str) -> None:
    assert allowed(Experiment, key.split("."), 0.5) is None
