from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.inference.class_curves import CLASSES, DECISIONS, EACH, LOWEST, ClassCurves
from dlrun.inference.curves import collector
from dlrun.inference.ranked import POINTS
from dlrun.nn.losses.binary_cross_entropy import BinaryCrossEntropy
from dlrun.nn.losses.cross_entropy import CrossEntropy
from dlrun.nn.losses.hinge import Hinge
from dlrun.nn.metrics.average_precision import AveragePrecision
from dlrun.nn.metrics.calibration_error import CalibrationError
from dlrun.nn.metrics.roc_auc import RocAuc
from dlrun.run_directory.curves import GRID, Curves


def data(targets: Array, classes: int, task: Any = "classification") -> Dataset:
    names = tuple(f"c{code}" for code in range(classes))
    return Dataset(np.zeros((len(targets), 1), np.float32), targets, task, names)


def collected(loss: Any, outputs: Array, targets: Array, classes: int, **of: Any) -> Curves:
    watch = ClassCurves(loss, data(targets, classes, **of), "test", seed=1)
    for start in range(0, len(outputs), 64):
        watch(outputs[start : start + 64], targets[start : start + 64])
    found = watch.result()
    assert found is not None
    return found


def outputs_for(codes: Array, classes: int, digits: int = 1) -> Array:
    """Outputs with ties, higher for the true class."""
    draw = np.random.default_rng(len(codes))
    found = draw.standard_normal((len(codes), classes)) + 1.5 * np.eye(classes)[codes]
    return found.round(digits).astype(np.float32)


def softmax(outputs: Array) -> Array:
    found = np.exp(outputs.astype(np.float64))
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def test_curves_are_those_of_scikit_learn() -> None:
    codes = np.random.default_rng(0).integers(0, 3, 90)
    outputs = outputs_for(codes, 3)
    found = collected(CrossEntropy(), outputs, codes, 3)
    assert (found.set, found.decisions, found.used, found.classes) == ("test", 90, 90, 3)
    assert [each.name for each in found.ranked] == ["c0", "c1", "c2"]
    for code, each in enumerate(found.ranked):
        true, scores = codes == code, CrossEntropy().log_odds(outputs)[:, code]
        wrong, right, thresholds = roc_curve(true, scores, drop_intermediate=False)
        assert np.array(each.false_positives) / each.negatives == pytest.approx(wrong[1:])
        assert np.array(each.true_positives) / each.positives == pytest.approx(right[1:])
        assert each.thresholds == pytest.approx(1 / (1 + np.exp(-thresholds[1:])), rel=1e-5)
        assert each.roc_auc == pytest.approx(roc_auc_score(true, scores))
        precision, recall, _ = precision_recall_curve(true, scores)
        counts = np.array(each.true_positives)
        ours = counts / (counts + each.false_positives)
        # It starts at the lowest threshold, and ends with an extra point (0, 1).
        assert ours[::-1] == pytest.approx(precision[:-1])
        assert (counts / each.positives)[::-1] == pytest.approx(recall[:-1])
        assert each.average_precision == pytest.approx(average_precision_score(true, scores))
    assert found.mean is not None and found.mean.of == 3
    for metric, value in (
        (RocAuc(), found.mean.roc_auc),
        (AveragePrecision(), found.mean.average_precision),
    ):
        meter = metric.start("classification")
        meter.add(CrossEntropy().log_odds(outputs), codes)
        assert value == pytest.approx(meter.value())
    grid, rates = np.linspace(0, 1, GRID), []
    for each in found.ranked:
        wrong = np.append(0, each.false_positives) / each.negatives
        rates.append(np.interp(grid, wrong, np.append(0, each.true_positives) / each.positives))
    assert found.mean.recall == pytest.approx(np.mean(rates, axis=0), rel=1e-5)
    assert found.mean.precision[-1] < found.mean.precision[0] <= 1


def test_calibration_is_that_of_scikit_learn_and_of_the_metric() -> None:
    codes = np.random.default_rng(0).integers(0, 3, 400)
    outputs = outputs_for(codes, 3, digits=4)
    found = collected(CrossEntropy(), outputs, codes, 3).calibration
    assert found is not None
    probabilities = softmax(outputs)
    right = probabilities.argmax(axis=1) == codes
    fraction, mean = calibration_curve(right, probabilities.max(axis=1), n_bins=15)
    full = np.array(found.counts) > 0
    assert np.array(found.accuracy)[full] == pytest.approx(fraction, rel=1e-5)
    assert np.array(found.confidence)[full] == pytest.approx(mean, rel=1e-5)
    assert sum(found.counts) == 400
    meter = CalibrationError().start("classification")
    meter.add(CrossEntropy().log_odds(outputs), codes)
    assert found.calibration_error == pytest.approx(meter.value())


@pytest.mark.parametrize("single", [True, False])
def test_two_classes_have_the_curve_of_the_second(single: bool) -> None:
    codes = np.random.default_rng(0).integers(0, 2, 200)
    outputs = outputs_for(codes, 2)
    loss: Any = CrossEntropy()
    if single:
        outputs, loss = outputs[:, 1:] - outputs[:, :1], BinaryCrossEntropy()
    found = collected(loss, outputs, codes, 2)
    (curve,) = found.ranked
    assert (curve.name, found.mean) == ("c1", None)
    scores = loss.log_odds(outputs)[:, -1]
    assert curve.roc_auc == pytest.approx(roc_auc_score(codes, scores))
    assert found.calibration is not None


def test_labels_have_a_curve_each_and_no_calibration() -> None:
    targets = np.random.default_rng(0).integers(0, 2, (100, 3)).astype(np.float32)
    outputs = np.random.default_rng(1).standard_normal((100, 3)).astype(np.float32)
    found = collected(BinaryCrossEntropy(), outputs, targets, 3, task="multi_label")
    areas = [roc_auc_score(targets[:, label], outputs[:, label]) for label in range(3)]
    assert [each.roc_auc for each in found.ranked] == pytest.approx(areas)
    assert found.calibration is None


def test_scores_that_are_no_probabilities_have_no_calibration() -> None:
    codes = np.random.default_rng(0).integers(0, 3, 60)
    found = collected(Hinge(), outputs_for(codes, 3), codes, 3)
    assert found.calibration is None and len(found.ranked) == 3


def test_of_many_classes_the_worst_are_kept() -> None:
    codes = np.random.default_rng(0).integers(0, EACH + 2, 600)
    outputs = outputs_for(codes, EACH + 2)
    found = collected(CrossEntropy(), outputs, codes, EACH + 2)
    areas = [
        roc_auc_score(codes == code, CrossEntropy().log_odds(outputs)[:, code])
        for code in range(EACH + 2)
    ]
    assert [each.roc_auc for each in found.ranked] == pytest.approx(sorted(areas)[:LOWEST])
    assert found.mean is not None and found.mean.of == EACH + 2
    assert found.mean.roc_auc == pytest.approx(np.mean(areas))


def test_a_curve_has_a_limited_number_of_points_and_both_ends() -> None:
    codes = np.random.default_rng(0).integers(0, 2, 5000)
    outputs = outputs_for(codes, 2, digits=6)
    (curve,) = collected(CrossEntropy(), outputs, codes, 2).ranked
    assert POINTS // 2 < len(curve.thresholds) <= POINTS
    assert curve.true_positives[-1] == curve.positives
    assert curve.false_positives[-1] == curve.negatives
    rates = np.array(curve.false_positives) / curve.negatives
    recall = np.array(curve.true_positives) / curve.positives
    assert np.trapezoid(recall, rates) == pytest.approx(curve.roc_auc, abs=2e-3)


def test_of_many_decisions_a_random_part_is_used() -> None:
    each = 60
    codes = np.random.default_rng(0).integers(0, 2, (DECISIONS // 20, each))
    outputs = outputs_for(codes.reshape(-1), 2).reshape(*codes.shape, 2)
    found = collected(CrossEntropy(), outputs, codes, 2)
    assert found.decisions == codes.size
    assert 0.97 * DECISIONS < found.used < 1.03 * DECISIONS
    assert found.ranked[0].positives + found.ranked[0].negatives == found.used
    assert collected(CrossEntropy(), outputs, codes, 2) == found


def test_without_a_ranking_there_are_no_curves() -> None:
    codes = np.zeros(20, np.int64)
    watch = ClassCurves(CrossEntropy(), data(codes, 2), "test", 0)
    watch(outputs_for(codes, 2), codes)
    assert watch.result() is None
    codes[0] = 1
    watch = ClassCurves(CrossEntropy(), data(codes, 2), "test", 0)
    with np.errstate(invalid="ignore"):
        watch(np.full((20, 2), np.nan, np.float32), codes)
    assert watch.result() is None


def test_the_set_is_that_of_the_confusion_matrix() -> None:
    part = data(np.array([0, 1]), 2)
    loss = CrossEntropy()
    assert collector(loss, part, "validation", ["validation", "test"], 0) is None
    assert collector(loss, part, "test", ["validation", "test"], 0) is not None
    assert collector(loss, part, "validation", ["validation"], 0) is not None
    many = data(np.array([0, 1]), CLASSES + 1)
    assert collector(loss, many, "validation", ["validation"], 0) is None
    real = Dataset(np.zeros((2, 1)), np.zeros((2, 1)), "regression")
    assert collector(loss, real, "validation", ["validation", "test"], 0) is not None
    assert collector(loss, real, "test", ["validation", "test"], 0) is None
    assert collector(loss, real, "test", ["test"], 0) is not None
