from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from score_cases import CLASSES, network, samples

from dlrun.data.dataset import Dataset
from dlrun.experiment.compile import compile_spec
from dlrun.inference.epoch_scores import Scores
from dlrun.inference.scores import confusion, evaluate, prefixed
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.initializers.he import HeNormal
from dlrun.nn.layers.dense import Dense
from dlrun.nn.losses.cross_entropy import CrossEntropy
from dlrun.nn.metrics.accuracy import Accuracy
from dlrun.nn.metrics.f1 import F1
from dlrun.training.session import Session


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
