"""The arrays of a training are freed when it ends, not when garbage happens to be collected."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dlrun import catalog
from dlrun.arrays import Array
from dlrun.experiment.compile import compile_spec
from dlrun.nn.optimizers.base import Optimizer
from dlrun.training.session import Session
from dlrun.training.stop import Stop

Spec = Callable[..., Path]
catalog.load()

DATA = {
    "source": {"blobs": {"samples": 60}},
    "split": {"validation": 0.2},
    "batch_size": 16,
}
AROUND: list[dict[str, Any]] = [
    {},
    {"average": "ema", "accumulate": 2},
    {"average": {"swa": {"start": 1}}},
    {"clip": {"norm": 1.0}, "penalty": {"l2": 0.01}},
    {"on_divergence": {"attempts": 2}, "optimizer": {"sgd": {"lr": 1e30}}},
    {"schedule": {"reduce_on_plateau": {"patience": 1}}, "early_stopping": {"patience": 1}},
    {"model": [{"dense": 8}, "batch_norm", {"dropout": 0.1}, "relu", {"dense": "${classes}"}]},
]


@pytest.fixture(autouse=True)
def no_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def owner(array: Array) -> weakref.ref[Array]:
    """The array whose memory this one is a part of."""
    while isinstance(array.base, type(array)):
        array = array.base
    return weakref.ref(array)


def left(path: Path) -> list[str]:
    """Arrays that outlive a training."""
    session = Session(compile_spec(path))
    for _ in session.run(Stop()):
        pass
    places = session.places()
    owners = {name: owner(array) for name, array in places.items() if array.size > 1}
    owners["gradients"] = owner(session.network.parameters.grads)
    assert "best.values" in owners
    assert any(name.startswith("network.") for name in owners)
    del places, session
    return [name for name, array in owners.items() if array() is not None]


@pytest.mark.parametrize("around", AROUND, ids=lambda each: ",".join(each) or "plain")
def test_of_whatever_stands_around_the_optimizer(spec: Spec, around: dict[str, Any]) -> None:
    assert left(spec(**{"data": DATA, "epochs": 2, **around})) == []


@pytest.mark.parametrize("kind", sorted(Optimizer.family))
def test_of_every_optimizer(spec: Spec, kind: str) -> None:
    assert left(spec(data=DATA, epochs=1, optimizer=kind)) == []
