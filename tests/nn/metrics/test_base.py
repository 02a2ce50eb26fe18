"""Metrics of networks that are sure, from their outputs, against scikit-learn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import logsumexp
from sklearn import metrics as peer

from dlrun.nn.losses.base import Loss
from dlrun.nn.losses.binary_cross_entropy import BinaryCrossEntropy
from dlrun.nn.losses.binary_focal import BinaryFocal
from dlrun.nn.losses.binary_hinge import BinaryHinge
from dlrun.nn.losses.cross_entropy import CrossEntropy
from dlrun.nn.losses.focal import Focal
from dlrun.nn.losses.hinge import Hinge
from dlrun.nn.metrics.accuracy import Accuracy
from dlrun.nn.metrics.average_precision import AveragePrecision
from dlrun.nn.metrics.base import take_in
from dlrun.nn.metrics.calibration_error import CalibrationError
from dlrun.nn.metrics.log_loss import LogLoss
from dlrun.nn.metrics.roc_auc import RocAuc
from dlrun.nn.metrics.top_k import TopK

Score = Callable[[np.ndarray, np.ndarray], float]


def mean_of(score: Score) -> Score:
    """Over the classes, each against the rest; two classes are one ranking."""

    def mean(scores: np.ndarray, codes: np.ndarray) -> float:
        classes = range(scores.shape[1]) if scores.shape[1] > 2 else [-1]
        found = [score(codes == (c if c >= 0 else 1), scores[:, c]) for c in classes]
        return float(np.mean(found))

    return mean


def calibration_error(log_odds: np.ndarray, codes: np.ndarray) -> float:
    """Of 15 bins, one after another."""
    p = 1 / (1 + np.exp(-log_odds))
    sure, right = p.max(1), p.argmax(1) == codes
    total = 0.0
    for number in range(15):
        there = (sure > number / 15) & (sure <= (number + 1) / 15)
        total += abs(right[there].sum() - sure[there].sum())
    return total / len(codes)


def exact(outputs: np.ndarray) -> np.ndarray:
    """Log-odds of each class against all others, in float64, one class after another."""
    x = outputs.astype(np.float64)
    if x.shape[1] == 1:
        return x
    columns = [x[:, c] - logsumexp(np.delete(x, c, 1), axis=1) for c in range(x.shape[1])]
    return np.stack(columns, axis=1)


SURE = [(loss, classes) for loss in (CrossEntropy(), Focal(), Hinge()) for classes in (2, 3)] + [
    (loss, 1) for loss in (BinaryCrossEntropy(), BinaryFocal(), BinaryHinge())
]


@pytest.mark.parametrize(("loss", "classes"), SURE, ids=lambda value: getattr(value, "kind", value))
@pytest.mark.parametrize("shift", [-90.0, -30.0, 0.0, 20.0, 30.0, 90.0])
def test_a_network_that_is_sure_of_everything_still_ranks(
    loss: Loss, classes: int, shift: float
) -> None:
    random = np.random.default_rng(11)
    codes = random.integers(0, max(2, classes), 300)
    outputs = random.normal(0, 2, (300, classes)).astype(np.float32)
    outputs[np.arange(300), codes % classes] += 2 * (1 if classes > 1 else codes)
    outputs[:, -1] += shift
    scores = exact(outputs)
    for metric, score in (
        (RocAuc(), peer.roc_auc_score),
        (AveragePrecision(), peer.average_precision_score),
    ):
        meter = {metric: metric.start("classification")}
        for rows in (slice(0, 100), slice(100, None)):
            take_in(meter, loss, outputs[rows], codes[rows])
        found = meter[metric].value()
        assert found == pytest.approx(mean_of(score)(scores, codes), abs=1e-7)
        assert 0.5 < found < 1


@pytest.mark.parametrize("classes", [1, 2, 4])
def test_scores_of_probabilities_are_those_of_float64(classes: int) -> None:
    random = np.random.default_rng(12)
    loss: Loss = CrossEntropy() if classes > 1 else BinaryCrossEntropy()
    codes = random.integers(0, max(2, classes), 200)
    for size in (1.0, 10.0, 100.0):
        outputs = (size * random.normal(size=(200, classes))).astype(np.float32)
        scores = exact(outputs)
        both = np.concatenate([-scores, scores], 1) if classes == 1 else scores
        expected = {
            LogLoss(): np.logaddexp(0, -both[np.arange(200), codes]).mean(),
            CalibrationError(): calibration_error(both, codes),
            Accuracy(): (both.argmax(1) == codes).mean(),
        }
        if classes > 2:
            rank = (both > both[np.arange(200), codes][:, None]).sum(1)
            expected[TopK(k=2)] = (rank < 2).mean()
        for metric, score in expected.items():
            meter = {metric: metric.start("classification")}
            take_in(meter, loss, outputs, codes)
            assert meter[metric].value() == pytest.approx(score, rel=1e-9)


def test_labels_of_which_a_network_is_sure_still_rank() -> None:
    random = np.random.default_rng(13)
    labels = random.integers(0, 2, (200, 3))
    outputs = (random.normal(size=(200, 3)) + labels + [-50, 0, 50]).astype(np.float32)
    for metric, score in (
        (RocAuc(), peer.roc_auc_score),
        (AveragePrecision(), peer.average_precision_score),
        (LogLoss(), lambda t, x: np.logaddexp(0, np.where(t, -x, x).astype(float)).mean()),
    ):
        meter = {metric: metric.start("multi_label")}
        take_in(meter, BinaryCrossEntropy(), outputs, labels.astype(np.float32))
        expected = np.mean([score(labels[:, c], outputs[:, c]) for c in range(3)])
        assert meter[metric].value() == pytest.approx(expected, rel=1e-9)


def test_classes_that_are_hopeless_are_still_told_apart() -> None:
    outputs = np.array([[0.0, -300.0, -200.0, -400.0]], np.float32)
    metric = TopK(k=3)
    meter = {metric: metric.start("classification")}
    take_in(meter, CrossEntropy(), np.repeat(outputs, 4, 0), np.arange(4))
    assert meter[metric].value() == 0.75
    np.testing.assert_allclose(
        CrossEntropy().log_odds(outputs), [[200, -300, -200, -400]], rtol=1e-12
    )


def test_a_ranking_that_was_kept_as_probabilities_is_refused() -> None:
    meter = RocAuc().start("classification")
    with pytest.raises(ValueError, match="probabilities for roc_auc"):
        meter.restore({"predictions": np.ones((3, 1)), "targets": np.ones(3)})
