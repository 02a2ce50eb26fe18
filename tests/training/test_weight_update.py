"""What stands around an optimizer, in whole trainings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlrun.arrays import Array
from dlrun.data.batches.order import epoch_order
from dlrun.errors import SpecError
from dlrun.experiment.compile import compile_spec
from dlrun.training.events import EpochEnded, Event, RunEnded, StepEnded
from dlrun.training.session import Session
from dlrun.training.stop import Stop

Spec = Callable[..., Path]

WIDE = {
    "data": {
        "source": {"blobs": {"samples": 110, "noise": 2.0}},
        "split": {"validation": 0.2},
        "batch_size": 8,
    },
    "optimizer": {"sgd": {"lr": 0.1, "momentum": 0.9}},
}
NORMED = [{"dense": 8}, "batch_norm", "relu", {"dense": "${classes}"}]


def train(path: Path) -> tuple[Session, list[Event]]:
    session = Session(compile_spec(path))
    return session, list(session.run(Stop()))


def rows(events: list[Event]) -> list[dict[str, float]]:
    return [dict(event.row) for event in events if isinstance(event, EpochEnded)]


def final(events: list[Event]) -> dict[str, float]:
    assert isinstance(events[-1], RunEnded)
    return dict(events[-1].metrics)


def faults(path: Path) -> list[str]:
    with pytest.raises(SpecError) as caught:
        compile_spec(path)
    return [fault.removeprefix(f"{path}:") for fault in caught.value.faults]


def test_accumulated_batches_are_one_large_batch(spec: Spec) -> None:
    # 88 samples in 11 batches of 8, or in 2 of 32 and one of 24.
    schedule = {"cosine": {"warmup": 1}}
    many, events = train(spec("a.yaml", **WIDE, accumulate=4, schedule=schedule, epochs=3))
    data = {**WIDE["data"], "batch_size": 32}
    large, expected = train(spec("b.yaml", **{**WIDE, "data": data}, schedule=schedule, epochs=3))
    np.testing.assert_allclose(many.last, large.last, rtol=2e-4, atol=2e-6)
    assert [row["lr"] for row in rows(events)] == [row["lr"] for row in rows(expected)]
    assert sum(isinstance(event, StepEnded) for event in events) == 33


def textbook(spec: Spec, tmp_path: Path, **keys: Any) -> tuple[dict[str, Array], Any]:
    """Weights of a linear regression behind two epochs, and what repeats it step by step."""
    draw = np.random.default_rng(0)
    x = draw.standard_normal((20, 3)).astype(np.float32)
    y = (x @ [[1.0], [-2.0], [0.0]] + 0.5).astype(np.float32)
    np.savez(tmp_path / "line.npz", x=x, y=y)
    data = {"source": {"npz": "line.npz"}, "split": {"validation": 0}, "batch_size": 8}
    path = spec(
        data=data,
        model=[{"dense": 1}],
        loss="mse",
        metrics=[],
        **{"optimizer": {"sgd": {"lr": 0.1}}, "epochs": 2, **keys},
    )
    session, _ = train(path)
    fresh = Session(session.compiled)

    def repeat(step: Callable[[Array, Array, Array, Array], tuple[Array, Array]]) -> None:
        start = fresh.named(fresh.best)
        w, b = start["dense_1.kernel"].astype(float), start["dense_1.bias"].astype(float)
        for epoch in (1, 2):
            order = epoch_order(20, session.compiled.experiment.seed, epoch)
            for part in (order[:8], order[8:16], order[16:]):
                error = x[part] @ w + b - y[part]
                w, b = step(w, b, 2 / len(part) * x[part].T @ error, 2 * error.mean(axis=0))
        last = session.named(session.last)
        np.testing.assert_allclose(last["dense_1.kernel"], w, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(last["dense_1.bias"], b, rtol=1e-4, atol=1e-6)

    return session.named(session.last), repeat


def test_penalties_are_in_the_gradients_of_kernels(spec: Spec, tmp_path: Path) -> None:
    _, repeat = textbook(spec, tmp_path, penalty={"l1": 0.2, "l2": 0.5})
    repeat(lambda w, b, dw, db: (w - 0.1 * (dw + 0.2 * np.sign(w) + 0.5 * w), b - 0.1 * db))


def test_weight_decay_is_apart_from_the_gradients(spec: Spec, tmp_path: Path) -> None:
    _, repeat = textbook(spec, tmp_path, weight_decay=0.5)
    repeat(lambda w, b, dw, db: (w - 0.1 * 0.5 * w - 0.1 * dw, b - 0.1 * db))


def test_clipping_comes_behind_the_penalty(spec: Spec, tmp_path: Path) -> None:
    clip = {"value": 0.8, "norm": 1.0}
    _, repeat = textbook(spec, tmp_path, penalty={"l2": 2.0}, clip=clip)

    def step(w: Array, b: Array, dw: Array, db: Array) -> tuple[Array, Array]:
        dw, db = np.clip(dw + 2.0 * w, -0.8, 0.8), np.clip(db, -0.8, 0.8)
        length = np.sqrt(np.sum(dw**2) + np.sum(db**2))
        factor = min(1.0, 1.0 / (length + 1e-6))
        return w - 0.1 * factor * dw, b - 0.1 * factor * db

    repeat(step)


@pytest.mark.parametrize("accumulate", [1, 3])
def test_scores_and_weights_are_those_of_the_moving_average(spec: Spec, accumulate: int) -> None:
    keys = {**WIDE, "accumulate": accumulate, "model": NORMED}
    averaged, events = train(spec("a.yaml", **keys, average={"ema": 0.8}))
    plain = Session(compile_spec(spec("b.yaml", **keys)))
    expected = None
    made = 0
    for event in plain.run(Stop()):
        steps = plain.update.updater.pace.step
        if isinstance(event, StepEnded) and steps > made:
            made = steps
            values = plain.network.parameters.values.astype(float)
            expected = values if expected is None else 0.8 * expected + 0.2 * values
    assert expected is not None
    np.testing.assert_allclose(averaged.last, expected, rtol=1e-4, atol=1e-6)
    assert np.abs(averaged.last - plain.last).max() > 1e-3
    assert final(events)["validation.loss"] == rows(events)[-1]["validation.loss"]
    kept = averaged.network.parameters.values
    assert kept.tobytes() == averaged.last.tobytes()


def test_training_goes_on_from_its_own_weights(spec: Spec) -> None:
    """The average is looked at, and trains nothing."""
    _, averaged = train(spec("a.yaml", **WIDE, average={"ema": 0.9}, epochs=5))
    _, plain = train(spec("b.yaml", **WIDE, epochs=5))
    names = ("train.loss", "train.accuracy")
    for one, other in zip(rows(averaged), rows(plain), strict=True):
        assert [one[name] for name in names] == [other[name] for name in names]
        assert one["validation.loss"] != other["validation.loss"]


def test_the_mean_of_epochs_with_statistics_of_its_own(spec: Spec) -> None:
    keys = {**WIDE, "model": NORMED, "epochs": 6}
    averaged, events = train(spec("a.yaml", **keys, average={"swa": 4}))
    plain = Session(compile_spec(spec("b.yaml", **keys)))
    ends = []
    validation = []
    for event in plain.run(Stop()):
        if isinstance(event, EpochEnded):
            ends.append(plain.network.parameters.values.copy())
            validation.append(event.row["validation.loss"])
    learned = len(plain.network.parameters.grads)
    mean = np.mean(ends[3:], axis=0)
    np.testing.assert_allclose(averaged.last[:learned], mean[:learned], rtol=1e-4, atol=1e-6)
    found = [row["validation.loss"] for row in rows(events)]
    assert found[:3] == validation[:3]
    assert final(events)["validation.loss"] == found[-1] != validation[-1]

    # Batch statistics of the averaged network, over the training part.
    train_part = plain.compiled.data.train.inputs
    named = averaged.named(averaged.last)
    hidden = train_part @ named["dense_1.kernel"] + named["dense_1.bias"]
    batches = [hidden[rows] for rows in np.split(epoch_order(88, 3, 0), 11)]
    means = np.mean([each.mean(axis=0) for each in batches], axis=0)
    variances = np.mean([each.var(axis=0, ddof=1) for each in batches], axis=0)
    np.testing.assert_allclose(named["batch_norm_1.mean"], means, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(named["batch_norm_1.variance"], variances, rtol=1e-4)


def test_the_best_weights_are_averaged_ones(spec: Spec) -> None:
    rules = {"patience": 50, "restore_best": True}
    keys = {**WIDE, "average": {"ema": 0.7}, "early_stopping": rules, "epochs": 12}
    session, events = train(spec(**{**keys, "optimizer": {"sgd": {"lr": 1.5}}}))
    losses = [row["validation.loss"] for row in rows(events)]
    assert final(events)["validation.loss"] == min(losses)
    assert session.kept == "best"


def test_a_plateau_lowers_the_rate(spec: Spec) -> None:
    rule = {"gamma": 0.5, "patience": 2, "min_delta": 10.0, "monitor": "train.loss"}
    _, events = train(spec(schedule={"reduce_on_plateau": rule}, epochs=8))
    rates = [row["lr"] for row in rows(events)]
    assert rates == [0.01] * 3 + [0.005] * 2 + [0.0025] * 2 + [0.00125]


def test_a_plateau_watches_what_there_is(spec: Spec) -> None:
    compiled = compile_spec(spec(schedule="reduce_on_plateau"))
    assert (compiled.watched, compiled.watched_mode) == ("validation.loss", "min")
    rules = {"monitor": "validation.accuracy"}
    compiled = compile_spec(spec(schedule="reduce_on_plateau", early_stopping=rules))
    assert (compiled.watched, compiled.watched_mode) == ("validation.accuracy", "max")
    (fault,) = faults(spec(schedule={"reduce_on_plateau": {"monitor": "train.accurcy"}}))
    assert "cannot monitor 'train.accurcy'; did you mean 'train.accuracy'?" in fault


def test_weight_decay_is_said_once(spec: Spec) -> None:
    path = spec(optimizer="adamw", weight_decay=0.1)
    line = path.read_text().partition('"weight_decay"')[0].count("\n") + 1
    (fault,) = faults(path)
    assert fault.startswith(f"{line}:")
    assert fault.endswith("adamw has its own weight_decay; use optimizer.adamw.weight_decay")


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"clip": {}}, "clip needs 'norm', 'value' or both"),
        ({"penalty": {"l1": 0}}, "penalty needs an 'l1' or 'l2' above 0"),
        ({"accumulate": 0}, "'accumulate' must be greater than 0, got 0"),
        ({"average": {"ema": 1.0}}, "'decay' must be less than 1.0, got 1.0"),
        ({"average": "swa"}, "swa needs 'start'"),
        ({"groups": [{"match": "dense_3"}]}, "no parameter matches 'dense_3'; known: dense_1"),
        ({"schedule": {"multi_step": []}}, "'epochs' must have at least 1 items"),
    ],
)
def test_faults_of_what_stands_around(spec: Spec, keys: dict[str, Any], words: str) -> None:
    (fault,) = faults(spec(**keys))
    assert words in fault


EVERYTHING: dict[str, Any] = {
    "model": NORMED,
    "accumulate": 2,
    "clip": {"norm": 0.5, "value": 0.1},
    "penalty": {"l1": 1e-4, "l2": 1e-3},
    "weight_decay": 0.01,
    "groups": [
        {"match": "dense_1", "lr_factor": 0.3},
        {"match": "*.bias", "weight_decay": 0.2},
    ],
    "schedule": {"one_cycle": {"warmup": 0.5}},
    "epochs": 4,
}


@pytest.mark.parametrize("average", [{"ema": 0.9}, {"swa": 2}])
@pytest.mark.parametrize("optimizer", ["sgd", "lion", "lamb", "muon", "nadam"])
def test_all_of_it_together_gives_the_same_bits_at_any_number_of_threads(
    spec: Spec, monkeypatch: pytest.MonkeyPatch, optimizer: str, average: dict[str, Any]
) -> None:
    path = spec(**EVERYTHING, optimizer=optimizer, average=average)
    found = []
    for threads in ("1", "3"):
        monkeypatch.setenv("DLRUN_THREADS", threads)
        session, events = train(path)
        found.append((session.last.tobytes(), final(events)))
    assert found[0] == found[1]
    assert np.isfinite(session.last).all()
