from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.data.dataset import Dataset
from dlrun.nn.graph import build_graph
from dlrun.nn.initializers.he import HeNormal
from dlrun.nn.layers.dense import Dense
from dlrun.nn.losses.cross_entropy import CrossEntropy
from dlrun.nn.losses.mse import MeanSquaredError
from dlrun.nn.metrics.accuracy import Accuracy
from dlrun.nn.metrics.f1 import F1
from dlrun.nn.metrics.mae import MeanAbsoluteError
from dlrun.nn.metrics.r2 import R2
from dlrun.nn.network import Network
from dlrun.training.compile import compile_spec
from dlrun.training.scores import Scores, confusion, evaluate, prefixed
from dlrun.training.session import Session

CLASSES = 3


def network(loss: CrossEntropy | MeanSquaredError, outputs: int) -> Network:
    made = Network(build_graph((Dense(units=outputs),), (4,)), loss)
    made.parameters.initialize(0, HeNormal())
    return made


def samples(count: int, regression: bool) -> Dataset:
    draw = np.random.default_rng(count)
    inputs = draw.standard_normal((count, 4)).astype(np.float32)
    if regression:
        return Dataset(inputs, draw.standard_normal((count, 2)).astype(np.float32), "regression")
    codes = draw.integers(0, CLASSES, count)
    return Dataset(inputs, codes, "classification", ("a", "b", "c"))


@pytest.mark.parametrize("regression", [False, True])
@given(count=st.integers(2, 300), batch=st.integers(1, 64))
def test_steps_add_up_to_the_whole(regression: bool, count: int, batch: int) -> None:
    loss: CrossEntropy | MeanSquaredError = MeanSquaredError() if regression else CrossEntropy()
    metrics = (MeanAbsoluteError(), R2()) if regression else (Accuracy(),)
    net, data = network(loss, 2 if regression else CLASSES), samples(count, regression)
    whole = evaluate(net, metrics, data)
    outputs = net.outputs(data.inputs)
    scores = Scores(loss, metrics, data.task, outputs[:batch], data.targets[:batch])
    for _ in range(2):  # the second time as if there had been no first
        scores.restart()
        for start in range(0, count, batch):
            part = data.take(np.arange(start, min(start + batch, count)))
            scores.add(
                evaluate(net, (), part)["loss"], outputs[start : start + batch], part.targets
            )
        assert scores.values() == pytest.approx(whole, rel=1e-5, abs=1e-6)


def test_more_steps_than_the_buffer_holds() -> None:
    net, data = network(CrossEntropy(), CLASSES), samples(10_000, regression=False)
    outputs = net.outputs(data.inputs)
    scores = Scores(net.loss, (Accuracy(),), data.task, outputs[:7], data.targets[:7])
    for start in range(0, len(data), 7):
        scores.add(0.0, outputs[start : start + 7], data.targets[start : start + 7])
    expected = float((outputs.argmax(axis=1) == data.targets).mean())
    assert scores.values()["accuracy"] == pytest.approx(expected, abs=1e-12)


def test_the_confusion_counts_every_sample_once() -> None:
    net, data = network(CrossEntropy(), CLASSES), samples(500, regression=False)
    counts = np.array(confusion(net, data, CLASSES))
    assert counts.sum(axis=1).tolist() == np.bincount(data.targets).tolist()
    accuracy = evaluate(net, (Accuracy(),), data)["accuracy"]
    assert np.trace(counts) / 500 == pytest.approx(accuracy)


def test_the_confusion_of_sequences_counts_every_time_once() -> None:
    net = Network(build_graph((Dense(units=CLASSES),), (5, 4)), CrossEntropy())
    net.parameters.initialize(0, HeNormal())
    draw = np.random.default_rng(0)
    inputs = draw.standard_normal((20, 5, 4)).astype(np.float32)
    codes = draw.integers(0, CLASSES, (20, 5))
    data = Dataset(inputs, codes, "classification", ("a", "b", "c"))
    counts = np.array(confusion(net, data, CLASSES))
    assert counts.sum() == 100
    accuracy = evaluate(net, (Accuracy(),), data)["accuracy"]
    assert np.trace(counts) / 100 == pytest.approx(accuracy)


def test_metrics_of_other_settings_have_other_names() -> None:
    net, data = network(CrossEntropy(), CLASSES), samples(50, regression=False)
    metrics = (F1(), Accuracy(), F1(average="micro"))
    found = evaluate(net, metrics, data)
    assert list(found) == ["loss", "f1_macro", "accuracy", "f1_micro"]
    assert found["f1_micro"] == pytest.approx(found["accuracy"])
    outputs = net.outputs(data.inputs)
    scores = Scores(net.loss, metrics, data.task, outputs, data.targets)
    scores.add(found["loss"], outputs, data.targets)
    assert scores.values() == pytest.approx(found)


def test_one_output_tells_two_classes(spec: Callable[..., Path]) -> None:
    compiled = compile_spec(
        spec(
            data={"source": {"moons": {"samples": 60}}, "split": {"validation": 0.5}},
            model=[{"dense": 1}],
            loss="binary_cross_entropy",
        )
    )
    session = Session(compiled)
    validation = compiled.data.validation
    assert validation is not None
    counts = np.array(confusion(session.network, validation, 2))
    chosen = session.network.predict(validation.inputs)[:, 0] >= 0.5
    assert counts.sum(axis=0).tolist() == [np.sum(~chosen), np.sum(chosen)]


def test_names_in_files() -> None:
    assert prefixed("test", {"loss": 1.0}) == {"test.loss": 1.0}
