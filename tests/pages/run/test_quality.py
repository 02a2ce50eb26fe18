from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from dlrun.nn.metrics.calibration_error import CalibrationError
from dlrun.pages.run.quality import calibration, precision_recall, roc


@pytest.mark.parametrize("levels", [3, 50, 100_000])
def test_areas_are_those_of_scikit_learn(levels: int) -> None:
    random = np.random.default_rng(levels)
    truth = random.random(600) < 0.3
    scores = np.round((random.random(600) + 0.4 * truth) * levels) / levels
    first, second = roc(scores, truth), precision_recall(scores, truth)
    assert first is not None
    assert second is not None
    assert first.area == pytest.approx(metrics.roc_auc_score(truth, scores))
    assert second.area == pytest.approx(metrics.average_precision_score(truth, scores))
    for curve in (first, second):
        assert np.all(np.diff(curve.x) >= 0)
        assert len(curve.x) == len(curve.y) <= 252
    assert (first.x[0], first.y[0], first.x[-1], first.y[-1]) == (0, 0, 1, 1)
    assert second.x[-1] == 1


def test_without_both_classes_there_is_no_curve() -> None:
    scores = np.array([0.1, 0.9])
    assert roc(scores, np.array([True, True])) is None
    assert roc(scores, np.array([False, False])) is None
    assert precision_recall(scores, np.array([False, False])) is None


def test_the_bins_are_those_of_the_metric() -> None:
    random = np.random.default_rng(3)
    logits = random.normal(size=(500, 3)).astype(np.float32)
    logits[:60, 0] = np.log(2) + np.log(np.exp(logits[:60, 1:]).sum(axis=1))  # 2 / 3, at an edge
    targets = random.integers(0, 3, 500)
    log_odds = np.stack(
        [each - np.log(np.exp(np.delete(logits, k, 1)).sum(1)) for k, each in enumerate(logits.T)],
        axis=1,
    )
    meter = CalibrationError().start("classification")
    meter.add(log_odds, targets)
    confidence = 1 / (1 + np.exp(-log_odds.max(axis=1)))
    found = calibration(confidence, log_odds.argmax(axis=1) == targets)
    assert found.error == pytest.approx(meter.value(), rel=1e-5)
    assert len(found.counts) == len(set(np.ceil(confidence * 15)))


def test_calibration() -> None:
    confidence = np.array([0.95, 0.95, 1.0, 0.55, 0.55])
    found = calibration(confidence, np.array([True, True, False, True, False]))
    assert found.counts.tolist() == [2, 3]
    assert found.confidence == pytest.approx([0.55, 2.9 / 3])
    assert found.accuracy == pytest.approx([0.5, 2 / 3])
    assert found.error == pytest.approx((2 * 0.05 + 3 * 0.3) / 5)
