"""A training that is cut off anywhere and goes on ends with the bits of one that was not."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlrun.checkpoints.training_state import resume
from dlrun.errors import DataError
from dlrun.experiment.compile import compile_spec
from dlrun.launch.resume import resume_latest
from dlrun.launch.start import start
from dlrun.launch.training import Training
from dlrun.nn.optimizers.base import Optimizer
from dlrun.run_directory.atomic import hurried
from dlrun.run_directory.directory import RunDirectory
from dlrun.training.events import EpochEnded, Event, RunEnded, StepEnded
from dlrun.training.session import Session
from dlrun.training.stop import Stop

Spec = Callable[..., Path]

ALWAYS = {"every": {"steps": 1}, "share": 1.0}
"""A checkpoint behind each step."""


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    """A checkpoint behind each step would wait for the disk most of the time."""
    with hurried():
        yield


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
    "texts of alike lengths": {
        "data": {
            "source": {"text": "texts.csv"},
            "preprocess": ["tokenize"],
            "sampling": "balanced",
            "buckets": 3,
            "batch_size": 16,
        },
        "augment": ["random_swap"],
        "model": [
            {"embedding": {"units": 4, "tokens": "${vocabulary}", "padding": 0}},
            {"lstm": 4},
            {"dense": 3},
        ],
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
    with start(path, runs=folder) as training:
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
    training: Training | RunDirectory = start(path, runs=folder)
    cuts = 0
    for length in lengths:
        assert isinstance(training, Training)
        with training:
            events = training.events()
            assert until(events, length) == 0
            events.close()  # type: ignore[attr-defined]
        cuts += 1
        training = resume_latest(path, runs=folder)
    assert isinstance(training, Training)
    with training:
        for _ in training.events():
            pass
        training.finish(pictures=False)
    return training.directory, cuts


@pytest.mark.parametrize("what", [*RULES, *STATEFUL])
def test_a_training_in_pieces_ends_with_the_same_bits(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr("dlrun.inference.epoch_scores.BUFFER_ROWS", 1)  # metrics look at each step
    keys = STATEFUL.get(what, {"optimizer": {what: 0.01}})
    texts = [f"{'a b c ' * (number % 7 + 1)},{number % 3}" for number in range(90)]
    (tmp_path / "texts.csv").write_text("\n".join(["text,label", *texts]))
    path = spec(**{"checkpoint": ALWAYS, **keys})
    expected = whole(path, tmp_path / "whole")
    found, cuts = in_pieces(path, tmp_path / "pieces", iter([1, 2, 3, 4, 5, 1]))
    assert cuts == 6
    assert outcome(found) == outcome(expected)


@pytest.mark.slow
@pytest.mark.parametrize("restore", ["best", "first"])
def test_a_training_that_goes_back_in_pieces(spec: Spec, tmp_path: Path, restore: str) -> None:
    rules = {"restore": restore, "lr_factor": 1e-20, "attempts": 2}
    path = spec(
        epochs=6,
        optimizer={"sgd": {"lr": 0.1, "momentum": 0.9}},
        schedule={"step": {"every": 2, "gamma": 1e20}},
        on_divergence=rules,
        checkpoint=ALWAYS,
    )
    expected = whole(path, tmp_path / "whole")
    assert expected.metrics()["lr"][-1] < 1  # it went back, or it would be 1e39
    found, cuts = in_pieces(path, tmp_path / "pieces", iter([1, 2, 3, 4, 5, *[1] * 10, 3, 4, 5]))
    assert cuts == 18
    assert outcome(found) == outcome(expected)


def test_a_session_is_put_back_into_memory(spec: Spec) -> None:
    compiled = compile_spec(spec(epochs=2))
    first, second = Session(compiled), Session(compiled)
    events = first.run(Stop())
    until(events, 8)
    second.restore({name: array.copy() for name, array in first.state().items()})
    assert (second.progress.epochs, second.progress.steps) == (1, 2)
    for session, rest in ((first, events), (second, second.run(Stop()))):
        *_, event = rest
        assert isinstance(event, RunEnded)
        assert (event.epochs, session.finite) == (2, True)
    assert first.last.tobytes() == second.last.tobytes()


@pytest.mark.parametrize("without", ["network.dense_1.bias", "descent.waiting", "course.steps"])
def test_a_state_that_lacks_something_is_refused(spec: Spec, without: str) -> None:
    session = Session(compile_spec(spec()))
    state = {name: array for name, array in session.state().items() if name != without}
    with pytest.raises(KeyError):
        Session(session.compiled).restore(state)


def test_what_is_not_finite_is_seen(spec: Spec) -> None:
    session = Session(compile_spec(spec()))
    assert session.finite  # although no epoch was the best yet, which is NaN
    session.update.updater.slots["square"][3] = np.inf
    assert not session.finite


def test_nothing_is_stored_of_it(spec: Spec, tmp_path: Path) -> None:
    with start(spec(checkpoint=ALWAYS), runs=tmp_path) as training:
        for event in training.events():
            if isinstance(event, StepEnded) and event.step == 2:
                stored = (training.directory.checkpoints / "last.safetensors").read_bytes()
                training._session.update.updater.slots["square"][3] = np.inf
            if isinstance(event, StepEnded) and event.step == 4:
                break
        assert (training.directory.checkpoints / "last.safetensors").read_bytes() == stored


def test_without_a_checkpoint_it_begins_anew(spec: Spec, tmp_path: Path) -> None:
    path = spec(checkpoint={"every": {"epochs": 100}})
    expected = whole(path, tmp_path / "whole")
    found, _ = in_pieces(path, tmp_path / "pieces", iter([7, 13]))
    assert outcome(found) == outcome(expected)
    assert found.metrics()["epoch"] == [1, 2, 3]


def cut_off(path: Path, folder: Path, events: int) -> RunDirectory:
    """A run that ended after so many steps and epochs."""
    with start(path, runs=folder) as training:
        assert until(training.events(), events) == 0
    return training.directory


@pytest.mark.parametrize("more", [{}, {"on_divergence": {"restore": "best", "lr_factor": 0.5}}])
def test_a_state_is_in_memory_once(spec: Spec, tmp_path: Path, more: dict[str, Any]) -> None:
    layers = [{"dense": 700}, "tanh", {"dense": 700}, "tanh", {"dense": 3}]
    path = spec(model=layers, checkpoint=ALWAYS, **more)
    directory = cut_off(path, tmp_path, events=7)
    session = Session(compile_spec(path))
    whole = sum(array.nbytes for array in session.places().values())
    assert whole > 6e6
    tracemalloc.start()
    try:
        resumed = resume(session, directory)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (resumed.session, resumed.restored) == (session, True)
    assert peak < whole / 4


def test_nothing_of_a_broken_checkpoint_is_in_the_training(spec: Spec, tmp_path: Path) -> None:
    path = spec(checkpoint=ALWAYS)
    directory = cut_off(path, tmp_path, events=1)
    early = (directory.checkpoints / "last.safetensors").read_bytes()
    manifest = json.loads((directory.checkpoints / "manifest.json").read_text())
    early_entry = manifest["last.safetensors"]
    again = resume_latest(path, runs=tmp_path)
    assert isinstance(again, Training)
    with again:
        assert until(again.events(), 6) == 0  # now there is a best epoch
    last = directory.checkpoints / "last.safetensors"
    content = bytearray(last.read_bytes())
    content[-1] ^= 1
    last.write_bytes(content)
    (directory.checkpoints / "previous.safetensors").write_bytes(early)
    manifest = json.loads((directory.checkpoints / "manifest.json").read_text())
    manifest["previous.safetensors"] = early_entry
    (directory.checkpoints / "manifest.json").write_text(json.dumps(manifest))
    fresh = Session(compile_spec(path))
    resumed = resume(Session(fresh.compiled), directory)
    (note,) = resumed.notes
    assert "resuming from 'previous' instead" in note
    assert (resumed.session.progress.steps, resumed.session.best_epoch) == (1, 0)
    assert resumed.session.best.tobytes() == fresh.best.tobytes()


def test_seconds_add_up(spec: Spec, tmp_path: Path) -> None:
    path = spec(checkpoint=ALWAYS)
    with start(path, runs=tmp_path) as training:
        until(training.events(), 5)
    manifest = training.directory.checkpoints / "manifest.json"
    text = manifest.read_text()
    entries = json.loads(text)
    entries["last.safetensors"]["seconds"] = 5000.0
    manifest.write_text(json.dumps(entries))
    again = resume_latest(path, runs=tmp_path)
    assert isinstance(again, Training)
    with again:
        list(again.events())
        again.finish(pictures=False)
    assert 5000 < again.directory.metrics()["seconds"][0] < again.directory.result()["seconds"]


def test_a_run_that_is_begun_twice_at_once_is_one(spec: Spec, tmp_path: Path) -> None:
    path = spec()
    with resume_latest(path, runs=tmp_path, or_start=True) as first:  # type: ignore[union-attr]
        assert isinstance(first, Training)
        with pytest.raises(DataError, match="is writing here"):
            resume_latest(path, runs=tmp_path, or_start=True)
    assert len(list((tmp_path / "small").iterdir())) == 1
