"""Metrics against scikit-learn, whole and in batches."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as peer

from dlrun.nn.metric import Metric
from dlrun.nn.metrics.accuracy import Accuracy
from dlrun.nn.metrics.mae import MeanAbsoluteError
from dlrun.nn.metrics.r2 import R2

Peer = Callable[[np.ndarray, np.ndarray], float]
CASES: dict[str, tuple[Metric, Peer]] = {
    "accuracy": (Accuracy(), lambda p, t: peer.accuracy_score(t, p.argmax(1))),
    "mae": (MeanAbsoluteError(), lambda p, t: peer.mean_absolute_error(t, p)),
    "r2": (R2(), lambda p, t: peer.r2_score(t, p)),
}


def test_every_metric_of_the_catalog_has_a_row() -> None:
    from dlrun import catalog

    assert set(CASES) == set(catalog.Metric.family)


@pytest.mark.parametrize("name", CASES)
@given(cuts=st.lists(st.integers(1, 39), max_size=4), shift=st.sampled_from([0.0, 1e6]))
def test_scores_are_those_of_scikit_learn_however_the_data_is_cut(
    name: str, cuts: list[int], shift: float
) -> None:
    metric, theirs = CASES[name]
    random = np.random.default_rng(len(cuts))
    predictions = random.normal(size=(40, 3))
    if metric.task == "classification":
        targets = random.integers(0, 3, 40)
    else:
        targets = predictions + random.normal(size=(40, 3)) + shift
        predictions = predictions + shift
    meter = metric.start()
    edges = [0, *sorted(set(cuts)), 40]
    for start, stop in itertools.pairwise(edges):
        meter.add(predictions[start:stop], targets[start:stop])
    assert meter.value() == pytest.approx(theirs(predictions, targets), rel=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_no_data_has_no_score(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert math.isnan(CASES[name][0].start().value())


def test_one_output_says_the_second_class_from_one_half_on() -> None:
    meter = Accuracy().start()
    meter.add(np.array([[0.5], [0.49], [0.9], [0.1]]), np.array([1, 0, 0, 0]))
    assert meter.value() == 0.75


def test_r2_of_a_target_that_does_not_vary_is_not_a_number() -> None:
    meter = R2().start()
    meter.add(np.zeros((4, 1)), np.ones((4, 1)))
    assert math.isnan(meter.value())
