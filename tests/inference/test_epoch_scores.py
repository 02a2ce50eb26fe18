from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from score_cases import CLASSES, network, samples

from dlrun.inference.epoch_scores import Scores
from dlrun.inference.scores import evaluate
from dlrun.nn.losses.cross_entropy import CrossEntropy
from dlrun.nn.losses.mse import MeanSquaredError
from dlrun.nn.metrics.accuracy import Accuracy
from dlrun.nn.metrics.mae import MeanAbsoluteError
from dlrun.nn.metrics.r2 import R2


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
