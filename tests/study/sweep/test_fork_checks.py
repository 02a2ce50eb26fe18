"""Which keys may change during a training, and which keys of a sweep and a spec do not fit that."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC, write_sweep

from dlrun.errors import SpecError
from dlrun.study.sweep.compile import read_plan

BASE: dict[str, Any] = {
    **SPEC,
    "model": [
        {"dense": "${units}"},
        {"batch_norm": {"momentum": 0.1}},
        "relu",
        {"dropout": 0.2},
        {"dense": "${classes}"},
    ],
    "optimizer": {"sgd": {"lr": 0.1, "momentum": 0.9}},
}
LR = {"optimizer.sgd.lr": {"log_uniform": [1e-3, 1.0]}}
POPULATION = {"population": {"every": 1}}

FREE: dict[str, tuple[dict[str, Any], Any]] = {
    "optimizer.sgd.lr": ({}, {"log_uniform": [1e-3, 1.0]}),
    "optimizer.sgd.momentum": ({}, [0.5, 0.9]),
    "optimizer.sgd.nesterov": ({}, [True, False]),
    "weight_decay": ({}, {"uniform": [0.0, 0.1]}),
    "model.3.dropout": ({}, {"uniform": [0.0, 0.5]}),
    "model.1.batch_norm.momentum": ({}, [0.1, 0.5]),
    "loss": ({}, [{"cross_entropy": {"label_smoothing": each}} for each in (0.0, 0.1)]),
    "average.ema.decay": ({"average": {"ema": 0.9}}, [0.9, 0.99]),
    "schedule.cosine.warmup": ({"schedule": {"cosine": {"warmup": 1}}}, [0, 1, 2]),
    "clip.norm": ({"clip": {"norm": 1.0}}, [0.5, 1.0]),
}
REFUSED: dict[str, tuple[dict[str, Any], Any, str]] = {
    "params.units": ({}, [4, 8], "changes the form of weights or optimizer state"),
    "optimizer": ({}, ["adam", "sgd"], "exchanges components of the spec"),
    "optimizer.sgd.momentum": ({}, [0.0, 0.9], "changes the form of weights or optimizer state"),
    "model.2": ({}, ["relu", "tanh"], "exchanges components of the spec"),
    "model.2.leaky_relu.negative_slope": (
        {
            "model": [
                *BASE["model"][:2],
                {"leaky_relu": {"negative_slope": 0.1}},
                *BASE["model"][3:],
            ]
        },
        [0.1, 0.2],
        "changes the output of the network for the same weights",
    ),
    "initializer.normal.std": (
        {"initializer": {"normal": {"std": 0.1}}},
        [0.1, 0.2],
        "only changes the initial weights, which a fork does not use",
    ),
    "seed": ({}, [0, 1], "changes the seed"),
    "data.batch_size": ({}, [8, 16], "changes the number of steps per epoch"),
    "accumulate": ({}, [1, 2], "changes the number of steps per epoch"),
    "data.split.validation": ({}, [0.2, 0.3], "changes the data"),
    "data.source.blobs.noise": ({}, [1.0, 2.0], "changes the data"),
    "metrics": ({}, [["accuracy"], []], "exchanges components of the spec"),
    "average.swa.start": (
        {"average": {"swa": {"start": 2}}},
        [2, 3],
        "changes when the average of the weights starts",
    ),
    "schedule.reduce_on_plateau.monitor": (
        {"schedule": {"reduce_on_plateau": {"patience": 1}}},
        ["validation.loss", "train.loss"],
        "changes the metrics",
    ),
    "early_stopping": ({}, [None, {"patience": 3}], "ends trials before they are compared"),
    "max_time": ({}, ["1h", "2h"], "ends trials at moments that depend on the machine"),
}


def faults(folder: Path, spec: dict[str, Any] | None = None, **keys: Any) -> str:
    """The errors of a sweep; empty if it has none."""
    sweep = write_sweep(
        folder, spec={**BASE, **(spec or {})}, **{"prune": POPULATION, "space": LR, **keys}
    )
    try:
        read_plan(sweep)
    except SpecError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("key", FREE)
def test_keys_that_may_change(tmp_path: Path, key: str) -> None:
    spec, dimension = FREE[key]
    assert faults(tmp_path, spec, space={key: dimension}) == ""


@pytest.mark.parametrize("key", REFUSED)
def test_keys_that_may_not_change(tmp_path: Path, key: str) -> None:
    spec, dimension, why = REFUSED[key]
    found = faults(tmp_path, spec, space={key: dimension})
    place = re.escape(str(tmp_path / "sweep.yaml"))
    pattern = rf"{place}:\d+:\d+: 'population' cannot change '{key}' during a training: it "
    assert re.match(pattern, found), found
    assert why in found
    line = int(found.removeprefix(str(tmp_path / "sweep.yaml")).split(":")[1])
    assert f'"{key}":' in (tmp_path / "sweep.yaml").read_text().splitlines()[line - 1]
    # Any other pruner lets it vary.
    if key not in ("max_time",):
        assert faults(tmp_path, spec, space={key: dimension}, prune=None) == ""


@pytest.mark.parametrize(
    ("spec", "word"),
    [
        ({"early_stopping": {"patience": 3}}, "it ends trials before they are compared"),
        ({"max_time": "1h"}, "it ends trials at moments that depend on the machine"),
        ({"on_divergence": {"attempts": 1}}, "a trial that diverges is replaced"),
    ],
)
def test_keys_of_the_spec_that_do_not_fit(tmp_path: Path, spec: dict[str, Any], word: str) -> None:
    found = faults(tmp_path, spec)
    (name,) = spec
    assert re.match(rf"{re.escape(str(tmp_path))}/sweep.yaml:\d+:\d+: '{name}' does not fit", found)
    assert word in found


def test_keys_of_the_sweep_that_do_not_fit(tmp_path: Path) -> None:
    assert "'until' ends a study between trials" in faults(tmp_path, until={"patience": 3})
    claims = [{"a": {"better": {"params.units": 8}, "than": {"params.units": 4}}}]
    found = faults(
        tmp_path, claims=claims, repeats=3, search="grid", space={"params.units": [4, 8]}
    )
    assert "'claims' compare trials that differ in fixed settings" in found
    assert "cannot be combined with 'racing'" in faults(tmp_path, racing=True, repeats=3)
    found = faults(tmp_path, search={"random": {}}, budget={"epochs": 100})
    assert "needs the number of trials" in found
    found = faults(tmp_path, prune={"population": {"fraction": 0.6}})
    assert "'fraction' must be at most 0.5" in found or "less than or equal to 0.5" in found
