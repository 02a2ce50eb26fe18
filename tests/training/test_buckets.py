"""Batches of texts that are cut to the lengths of ``data.buckets``."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlrun.data.batches.feed import Feed
from dlrun.data.batches.order import Batches
from dlrun.errors import SpecError
from dlrun.experiment.compile import compile_spec
from dlrun.inspect.find_lr import find_lr
from dlrun.nn.layers.base import Clock
from dlrun.training.augmented import augmented
from dlrun.training.events import RunEnded
from dlrun.training.plans import Plans
from dlrun.training.session import Session
from dlrun.training.stop import Stop

Spec = Callable[..., Path]

WORDS = [f"word{number}" for number in range(30)]
EMBEDDING = {"embedding": {"units": 6, "tokens": "${vocabulary}", "padding": 0}}
DATA: dict[str, Any] = {
    "source": {"text": "texts.csv"},
    "split": {"validation": 0.2, "test": 0.2},
    "preprocess": ["tokenize"],
    "batch_size": 16,
    "buckets": 4,
}
TEXTS: dict[str, Any] = {
    "data": DATA,
    "model": [EMBEDDING, {"lstm": 8}, {"dense": "${classes}"}],
    "loss": "cross_entropy",
    "metrics": ["accuracy"],
    "optimizer": {"adam": {"lr": 0.02}},
    "epochs": 6,
}


@pytest.fixture(autouse=True)
def texts(tmp_path: Path) -> None:
    """A word says what a text is, among up to 29 that say nothing."""
    draw = random.Random(0)
    rows = []
    for number in range(300):
        words = draw.choices(WORDS, k=draw.randint(1, 29))
        words.insert(draw.randint(0, len(words)), ("bad", "good")[number % 2])
        rows.append(f"{' '.join(words)},{('no', 'yes')[number % 2]}\n")
    (tmp_path / "texts.csv").write_text("text,label\n" + "".join(rows))


def trained(path: Path) -> Session:
    session = Session(compile_spec(path))
    for _ in session.run(Stop()):
        pass
    return session


MODELS = {
    "lstm": [{"lstm": 8}],
    "gru": [{"gru": {"units": 8, "bidirectional": True}}],
    "attention": [{"multi_head_attention": {"heads": 2}}, "layer_norm", "mean_over_time"],
    "max": [{"dense": 8}, "relu", "max_over_time"],
}


@pytest.mark.parametrize("layers", MODELS.values(), ids=MODELS)
def test_a_shorter_plan_gives_the_loss_and_gradients_of_the_whole_length(
    spec: Spec, layers: list[Any]
) -> None:
    model = [EMBEDDING, *layers, {"dense": "${classes}"}]
    compiled = compile_spec(spec(**TEXTS | {"model": model}))
    network = Session(compiled).network
    train = compiled.data.train
    batches = Batches(train, 16)
    plans = Plans(network, batches, train.targets, Clock())
    seen = set()
    with Feed(batches, 0, epochs=1) as feed:
        for step in range(batches.steps):
            plan = plans.filled(feed, 1, step)
            assert plan.batch == batches.size(step)
            inputs, length = plan.input.copy(), plan.input.shape[1]
            seen.add(length)
            plan.forward()
            loss = plan.loss()
            plan.backward()
            gradients = network.parameters.grads.copy()
            whole = network.training_plan(plan.batch, plan.targets, Clock())
            whole.input[...] = 0
            whole.input[:, :length] = inputs
            whole.forward()
            assert whole.loss() == pytest.approx(loss, rel=1e-5)
            whole.backward()
            np.testing.assert_allclose(network.parameters.grads, gradients, atol=1e-6)
    assert train.buckets is not None
    assert seen == set(train.buckets.ends)
    assert len(seen) == 4


def test_what_is_learned_is_as_good(spec: Spec) -> None:
    found = []
    for buckets in (1, 4):
        session = trained(spec(**TEXTS | {"data": {**DATA, "buckets": buckets}}))
        test = session.compiled.data.test
        assert test is not None
        said = session.network.predict(np.asarray(test.inputs)).argmax(axis=1)
        found.append((said == test.targets).mean())
    assert min(found) > 0.9


@pytest.mark.parametrize("augment", [[], [{"random_insertion": 0.5}]], ids=["plain", "augmented"])
def test_threads_change_no_bit(
    spec: Spec, monkeypatch: pytest.MonkeyPatch, augment: list[Any]
) -> None:
    found = set()
    for threads in ("1", "3"):
        monkeypatch.setenv("DLRUN_THREADS", threads)
        found.add(trained(spec(**TEXTS | {"epochs": 2}, augment=augment)).last.tobytes())
    assert len(found) == 1


def test_no_text_that_augmentation_made_longer_is_cut(spec: Spec) -> None:
    """The length is that of the batch as it is, and not of what its texts were before."""
    keys = TEXTS | {"data": {**DATA, "preprocess": [{"tokenize": 60}]}}
    compiled = compile_spec(spec(**keys, augment=[{"random_insertion": {"share": 1.0}}]))
    make = augmented(compiled, Session(compiled).network)
    assert make is not None
    train, network = compiled.data.train, Session(compiled).network
    assert train.buckets is not None
    batches = Batches(train, 16)
    plans = Plans(network, batches, make.targets, Clock())
    longer = 0
    with Feed(batches, 0, epochs=1, make=make) as feed:
        for step in range(batches.steps):
            plan = plans.filled(feed, 1, step)
            rows = batches.rows(batches.order(0, 1), step)
            inputs = np.empty((len(rows), 60), np.float32)
            make(1, rows, inputs, plan.targets)
            length = plan.input.shape[1]
            np.testing.assert_array_equal(plan.input, inputs[:, :length])
            assert not inputs[:, length:].any()
            longer += length > train.buckets.ends[train.buckets.needed[rows].max()]
    assert longer > 0


def test_every_other_way_to_train(spec: Spec) -> None:
    """Averages that estimate statistics, accumulated gradients, balance, and the range test."""
    model = [EMBEDDING, {"dense": 8}, "batch_norm", "mean_over_time", {"dense": "${classes}"}]
    keys = TEXTS | {"model": model, "data": {**DATA, "sampling": "balanced"}}
    path = spec(**keys, average={"swa": {"start": 2}}, accumulate=3)
    assert np.isfinite(trained(path).last).all()
    found = find_lr(compile_spec(path), 1e-4, 1.0, 30)
    assert len(found.losses) >= 10


def test_divergence_is_told_from_the_plan_of_its_batch(spec: Spec) -> None:
    model = [EMBEDDING, {"dense": 8}, "relu", "max_over_time", {"dense": "${classes}"}]
    keys = TEXTS | {"model": model, "optimizer": {"sgd": {"lr": 1e25}}}
    ended = list(Session(compile_spec(spec(**keys))).run(Stop()))[-1]
    assert isinstance(ended, RunEnded)
    assert ended.status == "diverged"
    assert re.search(r"(dense|embedding)_\d", ended.reason)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (
            {"model": [EMBEDDING, "flatten", {"dense": "${classes}"}]},
            r"spec.yaml:\d+:\d+: 'dense' needs texts of one length",
        ),
        (
            {"model": [EMBEDDING, "positional_embedding", {"lstm": 8}, {"dense": "${classes}"}]},
            "'positional_embedding' needs texts of one length",
        ),
        (
            {
                "model": [
                    {"embedding": {"units": 6, "tokens": "${vocabulary}"}},
                    {"lstm": 8},
                    {"dense": "${classes}"},
                ]
            },
            r"spec.yaml:\d+:\d+: a layer reads padding, .* set 'padding: 0' of embedding",
        ),
        (
            {"data": {"source": "iris", "buckets": 2}, "model": [{"dense": 3}]},
            r"spec.yaml:\d+:\d+: data.buckets needs texts",
        ),
        (
            {
                "data": {**DATA, "target": "input"},
                "model": [{"dense": 5}],
                "loss": "mse",
                "metrics": [],
            },
            "cannot be used with target: input",
        ),
        ({"data": {**DATA, "buckets": 0}}, "'buckets'"),
    ],
    ids=["flatten", "positions", "no mask", "no texts", "autoencoder", "none"],
)
def test_faults(spec: Spec, keys: dict[str, Any], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        compile_spec(spec(**TEXTS | keys))
