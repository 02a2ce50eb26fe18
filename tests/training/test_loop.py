from __future__ import annotations

import itertools
import os
import signal
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from dlrun.arrays import Array
from dlrun.data.batches.order import epoch_order
from dlrun.data.samples import Lazy
from dlrun.errors import DataError
from dlrun.experiment.compile import compile_spec
from dlrun.training.events import EpochEnded, Event, RunEnded, RunStarted, StepEnded, Trained
from dlrun.training.session import Session
from dlrun.training.stop import Stop

Spec = Callable[..., Path]


def train(path: Path, stop: Stop | None = None) -> tuple[Session, list[Event]]:
    session = Session(compile_spec(path))
    return session, list(session.run(Stop() if stop is None else stop))


def epochs(events: list[Event]) -> list[EpochEnded]:
    return [event for event in events if isinstance(event, EpochEnded)]


def ended(events: list[Event]) -> RunEnded:
    assert isinstance(events[-1], RunEnded)
    return events[-1]


def test_what_happens_in_order(spec: Spec) -> None:
    _, events = train(spec(epochs=2))
    kinds = [type(event) for event in events]
    an_epoch = [*[StepEnded] * 5, EpochEnded]  # 66 samples: 4 batches of 16 and one of 2
    assert kinds == [RunStarted, *an_epoch, *an_epoch, Trained, RunEnded]
    assert [event.row["step"] for event in epochs(events)] == [5, 10]
    started = events[0]
    assert isinstance(started, RunStarted)
    assert (started.steps, started.samples["train"], started.parameters) == (5, 66, 51)


def test_the_weights_are_those_of_the_textbook(spec: Spec, tmp_path: Path) -> None:
    """Linear regression by stochastic gradient descent, written out once more."""
    draw = np.random.default_rng(0)
    x = draw.standard_normal((21, 2)).astype(np.float32)
    y = (x @ [[1.0], [-2.0]] + 0.5).astype(np.float32)
    np.savez(tmp_path / "line.npz", x=x, y=y)
    session, events = train(
        spec(
            data={
                "source": {"npz": "line.npz"},
                "split": {"validation": 0},
                "batch_size": 8,  # 8, 8 and the 5 that are left
            },
            model=[{"dense": 1}],
            loss="mse",
            metrics=["mae"],
            optimizer={"sgd": {"lr": 0.1}},
            schedule={"cosine": {"warmup": 1}},
            epochs=4,
        )
    )
    compiled = session.compiled
    start = Session(compiled).named(Session(compiled).best)
    w, b = start["dense_1.kernel"].astype(float), start["dense_1.bias"].astype(float)
    step = 0
    rates = []
    for epoch in range(1, 5):
        order = epoch_order(21, compiled.experiment.seed, epoch)
        for rows in (order[:8], order[8:16], order[16:]):
            rates.append(0.1 * compiled.experiment.schedule.factor(step, 3, 4))
            step += 1
            error = x[rows] @ w + b - y[rows]
            w = w - rates[-1] * 2 / len(rows) * x[rows].T @ error
            b = b - rates[-1] * 2 / len(rows) * error.sum(axis=0)
    last = session.named(session.last)
    np.testing.assert_allclose(last["dense_1.kernel"], w, rtol=1e-4)
    np.testing.assert_allclose(last["dense_1.bias"], b, rtol=1e-4, atol=1e-6)
    assert [event.row["lr"] for event in epochs(events)] == rates[2::3]
    assert len(set(rates)) > 9  # it changes from step to step


def test_the_same_spec_gives_the_same_bits(spec: Spec) -> None:
    path = spec(model=[{"dense": 8}, "batch_norm", "relu", {"dropout": 0.5}, {"dense": 3}])
    (one, events_1), (two, events_2) = train(path), train(path)
    assert one.last.tobytes() == two.last.tobytes()
    assert ended(events_1).metrics == ended(events_2).metrics
    other, _ = train(spec("other.yaml", seed=4))
    assert other.last.tobytes() != one.last.tobytes()


NOISY: dict[str, Any] = {
    "data": {
        "source": {"spirals": {"samples": 110}},
        "split": {"validation": 0.2, "test": 0.2},
        "batch_size": 16,
    },
    "optimizer": {"sgd": {"lr": 3.0}},
    "epochs": 12,
}
"""A rate at which the best epoch is neither the first nor the last."""


@pytest.mark.parametrize("restore", [True, False])
def test_the_best_weights_are_those_of_the_best_epoch(spec: Spec, restore: bool) -> None:
    rules = {"patience": 100, "restore_best": restore}
    session, events = train(spec(early_stopping=rules, **NOISY))
    rows = [event.row for event in epochs(events)]
    losses = [row["validation.loss"] for row in rows]
    best = int(np.argmin(losses)) + 1
    assert 1 < best < 12
    assert session.best_epoch == ended(events).best_epoch == best

    up_to_best, _ = train(spec("shorter.yaml", **{**NOISY, "epochs": best}))
    assert session.best.tobytes() == up_to_best.last.tobytes()
    assert session.best.tobytes() != session.last.tobytes()

    kept: Array = session.network.parameters.values
    assert session.kept == ("best" if restore else "last")
    assert kept.tobytes() == (session.best if restore else session.last).tobytes()
    expected = losses[best - 1] if restore else losses[-1]
    assert ended(events).metrics["validation.loss"] == expected


def test_patience_ends_training(spec: Spec) -> None:
    rules = {"monitor": "train.accuracy", "patience": 2, "min_delta": 0.9, "restore_best": False}
    _, events = train(spec(early_stopping=rules, epochs=20))
    assert [event.patience_left for event in epochs(events)] == [2, 1, 0]
    assert ended(events).status == "completed"
    assert ended(events).reason == ("early stopping: train.accuracy has not improved since epoch 1")


@pytest.mark.parametrize("steps", [1, 5, 8])
def test_a_request_to_stop_is_heeded_behind_the_step(spec: Spec, steps: int) -> None:
    session, stop = Session(compile_spec(spec())), Stop()
    events = []
    for event in session.run(stop):
        events.append(event)
        if sum(isinstance(each, StepEnded) for each in events) == steps:
            stop.received = signal.SIGTERM
    assert sum(isinstance(each, StepEnded) for each in events) == steps
    assert ended(events).status == "stopped"
    assert ended(events).reason == "stopped by SIGTERM"
    assert ended(events).epochs == (steps - 1) // 5
    assert np.isfinite(ended(events).metrics["test.loss"])


def test_time_ends_training(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.count()
    monkeypatch.setattr("dlrun.training.stop.time.monotonic", lambda: next(ticks))
    _, events = train(spec(epochs=100), Stop(max_time=7))
    assert sum(isinstance(event, StepEnded) for event in events) == 6
    assert ended(events).status == "stopped"
    assert ended(events).reason == "max_time of 7 s is over"


def test_a_loss_that_is_not_finite_ends_training(spec: Spec) -> None:
    session, events = train(spec(optimizer={"sgd": {"lr": 1e38}}))
    end = ended(events)
    assert (end.status, end.epochs, end.best_epoch, session.kept) == ("diverged", 0, 0, "last")
    assert end.reason.startswith(
        "the output of dense_2 became -inf and the loss nan in epoch 1, step "
    )
    assert "at a learning rate of 1e+38; " in end.reason


def test_weights_that_the_last_step_breaks_are_a_divergence(spec: Spec) -> None:
    data = {"source": "iris", "split": {"validation": 0}, "batch_size": 150}
    optimizer = {"sgd": {"lr": 1e300}}
    session, events = train(spec(data=data, optimizer=optimizer, epochs=1))
    assert [type(event) for event in events] == [RunStarted, StepEnded, Trained, RunEnded]
    assert ended(events).status == "diverged"
    assert ended(events).reason.startswith("dense_1.kernel became inf in epoch 1, step 1, ")
    assert np.isfinite(session.best).all()


def test_the_best_is_kept_when_training_diverges(spec: Spec) -> None:
    session, events = train(
        spec(
            optimizer={"sgd": {"lr": 0.1}},
            schedule={"step": {"every": 2, "gamma": 1e30}},
            epochs=9,
        )
    )
    assert ended(events).status == "diverged"
    assert (session.kept, session.best_epoch > 0) == ("best", True)
    assert np.isfinite(session.network.parameters.values).all()
    assert np.isfinite(ended(events).metrics["test.loss"])


def test_without_validation_the_training_loss_tells_the_best(spec: Spec) -> None:
    data = {"source": "iris", "split": {"validation": 0}}
    session, events = train(spec(data=data))
    assert session.compiled.monitor == "train.loss"
    assert not any(key.startswith("validation") for key in epochs(events)[0].row)
    assert ended(events).metrics == {}
    assert ended(events).confusion is None


def arrays(task: str) -> dict[str, Array]:
    draw = np.random.default_rng(1)
    if task == "classification":
        x = draw.integers(0, 256, (90, 6, 5), np.uint8)
        return {"x": x, "y": np.repeat(["a", "b", "c"], 30)}
    x = np.asfortranarray(draw.standard_normal((90, 7)).astype(">f8"))
    return {"x": x, "y": draw.standard_normal((90, 2))}


@pytest.mark.parametrize("source", ["npz", "npy"])
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_data_in_files_gives_the_bits_of_data_in_memory(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: str, source: str
) -> None:
    saved = arrays(task)
    np.savez(tmp_path / "a.npz", **saved)
    for name, array in saved.items():
        np.save(tmp_path / f"{name}.npy", array)
    path = spec(
        data={
            "source": {source: "a.npz" if source == "npz" else "."},
            "split": {"validation": 0.2, "test": 0.2, "stratify": task == "classification"},
            "preprocess": ["standardize", "min_max"],
            "batch_size": 16,
        },
        model=["flatten", {"dense": 8}, "relu", {"dense": 3 if task == "classification" else 2}],
        loss="cross_entropy" if task == "classification" else "mse",
        metrics=["accuracy"] if task == "classification" else ["mae", "r2"],
    )
    in_memory, events = train(path)
    monkeypatch.setattr("dlrun.data.files.array_file._LARGE", 0)
    for worth_a_thread, kept in ((0, 0.5), (0, 0.0), (1 << 60, 0.5)):
        monkeypatch.setattr("dlrun.data.files.stored_rows._KEPT", kept)
        monkeypatch.setattr("dlrun.data.batches.feed._WORTH_A_THREAD", worth_a_thread)
        mapped, again = train(path)
        assert isinstance(mapped.compiled.data.train.inputs, Lazy)
        assert isinstance(mapped.compiled.data.train.targets, Lazy) == (task == "regression")
        assert mapped.last.tobytes() == in_memory.last.tobytes()
        assert mapped.compiled.data.fingerprint == in_memory.compiled.data.fingerprint
        assert ended(again).metrics == ended(events).metrics
        assert ended(again).confusion == ended(events).confusion
        assert [each.row["train.loss"] for each in epochs(again)] == [
            each.row["train.loss"] for each in epochs(events)
        ]


@pytest.mark.parametrize("worth_a_thread", [0, 1 << 60])
def test_a_file_that_is_changed_ends_training_with_an_error(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worth_a_thread: int
) -> None:
    monkeypatch.setattr("dlrun.data.files.array_file._LARGE", 0)
    monkeypatch.setattr("dlrun.data.batches.feed._WORTH_A_THREAD", worth_a_thread)
    np.savez(tmp_path / "a.npz", x=np.zeros((90, 5), np.float32), y=np.arange(90) % 3)
    before = threading.active_count()
    session = Session(compile_spec(spec(data={"source": {"npz": "a.npz"}}, epochs=9)))
    with pytest.raises(DataError, match=r"a\.npz: the file was changed while it was in use"):
        for event in session.run(Stop()):
            if isinstance(event, EpochEnded):
                os.truncate(tmp_path / "a.npz", 100)
    assert threading.active_count() == before


@pytest.mark.parametrize("how", ["stop", "leave"])
def test_no_thread_outlives_training(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("dlrun.data.files.array_file._LARGE", 0)
    monkeypatch.setattr("dlrun.data.batches.feed._WORTH_A_THREAD", 0)
    np.savez(tmp_path / "a.npz", x=np.zeros((90, 5), np.float32), y=np.arange(90) % 3)
    session, stop = Session(compile_spec(spec(data={"source": {"npz": "a.npz"}}))), Stop()
    before = threading.active_count()
    running = session.run(stop)
    assert isinstance(next(running), RunStarted)
    assert isinstance(next(running), StepEnded)
    assert threading.active_count() == before + 1
    if how == "stop":
        stop.received = signal.SIGTERM
        assert ended(list(running)).status == "stopped"
    else:
        cast("Generator[Event]", running).close()
    assert threading.active_count() == before


TARGETS: dict[str, dict[str, Any]] = {
    "labels": {
        "data": {"source": {"npz": {"path": "a.npz", "task": "multi_label"}}},
        "model": [{"dense": "${classes}"}],
        "loss": {"binary_cross_entropy": {"positive_weight": "balanced"}},
        "metrics": ["f1"],
    },
    "distributions": {
        "data": {"source": {"npz": {"path": "a.npz", "targets": "shares"}}},
        "model": [{"dense": 3}],
        "loss": "kl_divergence",
        "metrics": [],
    },
    "the input": {
        "data": {"source": {"npz": "a.npz"}, "preprocess": ["standardize"], "target": "input"},
        "model": [{"dense": "${features}"}],
        "loss": "mse",
        "metrics": ["r2"],
    },
}


@pytest.mark.parametrize("targets", TARGETS)
def test_targets_of_every_kind_may_stay_in_their_file(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, targets: str
) -> None:
    draw = np.random.default_rng(1)
    x, y = draw.standard_normal((90, 7)), draw.integers(0, 2, (90, 3))
    np.savez(tmp_path / "a.npz", x=x, y=y, shares=draw.dirichlet(np.ones(3), 90))
    path = spec(initializer="lsuv", **TARGETS[targets])
    in_memory, events = train(path)
    monkeypatch.setattr("dlrun.data.files.array_file._LARGE", 0)
    monkeypatch.setattr("dlrun.nn.target._STRETCH", 50)
    mapped, again = train(path)
    assert isinstance(mapped.compiled.data.train.targets, Lazy)
    assert mapped.last.tobytes() == in_memory.last.tobytes()
    assert ended(again).metrics == ended(events).metrics
