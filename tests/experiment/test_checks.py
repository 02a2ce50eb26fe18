"""One error hides no other that can be known without it, and leads to no second one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dlrun.errors import SpecError
from dlrun.experiment.compile import compile_spec

Spec = Callable[..., Path]


def errors(path: Path, *overrides: str) -> list[str]:
    """The errors of a spec without their places."""
    with pytest.raises(SpecError) as caught:
        compile_spec(path, overrides)
    return sorted(line.partition(": ")[2] for line in caught.value.faults)


MANY: dict[str, Any] = {
    "loss": "mse",
    "metrics": ["rmse"],
    "early_stopping": {"monitor": "validation.acuracy"},
    "groups": [{"match": "lstm_*", "freeze": True}],
    "schedule": {"reduce_on_plateau": {"monitor": "validation.f2"}},
}
LOSS = "mse needs real-valued targets, but they are classes; use cross_entropy"
METRIC = "'rmse' scores regression; the data is classification"
MONITORS = [
    "cannot monitor 'validation.acuracy'; did you mean 'validation.rmse'?",
    "cannot monitor 'validation.f2'; did you mean 'validation.rmse'?",
]
GROUP = (
    "no parameter matches 'lstm_*'; known: dense_1.kernel, dense_1.bias, dense_2.kernel, "
    "dense_2.bias"
)
DATA: dict[str, Any] = {"source": {"blobs": {"samples": 110}}, "split": {"validation": 0.2}}


@pytest.mark.parametrize(
    ("keys", "first", "others"),
    [
        ({"augment": [{"rotat": 5}]}, "unknown augmentation 'rotat'", [LOSS, METRIC, GROUP]),
        ({"name": "a b"}, "'name' must begin", [LOSS, METRIC, GROUP]),
        ({"seed": "1"}, "'seed' must be a whole number", [LOSS, METRIC, GROUP]),
        ({"optimizer": "adma"}, "unknown optimizer 'adma'", [LOSS, METRIC, GROUP]),
        ({"lr": 0.1}, "the spec has no key 'lr'", [LOSS, METRIC, GROUP]),
        (
            {"data": {**DATA, "batch_size": 0}},
            "'batch_size' must be greater than 0",
            [LOSS, METRIC, GROUP],
        ),
        ({"data": {**DATA, "shuffle": True}}, "data has no key", [LOSS, METRIC, GROUP]),
        # Without the shape of the input there is no network, but the targets are known.
        ({"data": {**DATA, "preprocess": ["scale"]}}, "unknown preprocess", [LOSS, METRIC]),
        ({"model": [{"Linear": 3}]}, "unknown layer 'Linear'", [LOSS, METRIC]),
        ({"model": [{"dense": "${clases}"}]}, "unknown ${clases}", [LOSS, METRIC]),
        # Without data, monitors are compared with the metrics of the spec.
        ({"data": {**DATA, "source": "mnist"}}, "unknown source 'mnist'", []),
    ],
)
def test_one_error_hides_no_other(
    spec: Spec, keys: dict[str, Any], first: str, others: list[str]
) -> None:
    found = errors(spec(**{**MANY, **keys}))
    (own,) = [line for line in found if line.startswith(first)]
    assert found == sorted([own, *others, *MONITORS])


def test_overrides_are_checked_together(spec: Spec) -> None:
    words = ["data.batch_size=0", "model.0.dense=-1", "loss=mse", "metrics=[f1, f1]"]
    assert errors(spec(), *words) == [
        "'batch_size' must be greater than 0, got 0",
        "'f1' is listed twice; remove one",
        "'units' must be greater than 0, got -1",
        LOSS,
    ]


ALONE: list[dict[str, Any]] = [
    {"metrics": ["acc"], "early_stopping": {"monitor": "validation.acc"}},
    {"model": [{"Linear": 3}], "groups": [{"match": "Linear_1", "freeze": True}]},
    {"model": [{"node": "a"}, {"Linear": 3}, {"add": ["a", "previous"]}]},
    {"model": [{"dense": {"units": 3, "activation": "relu"}}]},
    {"data": {**DATA, "split": {"val": 0.2}}},
    {"data": {**DATA, "preprocess": ["flaten"]}, "augment": ["noise"]},
    {"data": {**DATA, "source": "mnist"}, "augment": [{"rotate": 5}]},
    {"loss": "bce", "augment": ["mixup"]},
    {"schedule": "plateau"},
    {"model": []},
]


@pytest.mark.parametrize("keys", ALONE)
def test_one_error_leads_to_no_second_one(spec: Spec, keys: dict[str, Any]) -> None:
    assert len(errors(spec(**keys))) == 1
