"""Metrics against scikit-learn: on random and on degenerate data, whole and in batches."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as peer
from sklearn.calibration import calibration_curve

from dlrun.errors import ShapeError
from dlrun.nn.metrics.accuracy import Accuracy
from dlrun.nn.metrics.average_precision import AveragePrecision
from dlrun.nn.metrics.balanced_accuracy import BalancedAccuracy
from dlrun.nn.metrics.base import Metric, names
from dlrun.nn.metrics.calibration_error import CalibrationError
from dlrun.nn.metrics.f1 import F1
from dlrun.nn.metrics.log_loss import LogLoss
from dlrun.nn.metrics.mae import MeanAbsoluteError
from dlrun.nn.metrics.mse import MeanSquaredError
from dlrun.nn.metrics.precision import Precision
from dlrun.nn.metrics.r2 import R2
from dlrun.nn.metrics.recall import Recall
from dlrun.nn.metrics.rmse import RootMeanSquaredError
from dlrun.nn.metrics.roc_auc import RocAuc
from dlrun.nn.metrics.top_k import TopK
from dlrun.nn.target import Target, Task

Peer = Callable[[np.ndarray, np.ndarray], float]
"""From predictions and targets to scikit-learn's score."""


@dataclass(frozen=True)
class Row:
    """A metric, the task that it is tried on, and what it must give.

    Attributes:
        classes: columns of the predictions; 1 is one output for two classes.
    """

    metric: Metric
    task: Task
    peer: Peer
    classes: int = 3


def decided(p: np.ndarray) -> np.ndarray:
    return p.argmax(1) if p.shape[1] > 1 else (p[:, 0] >= 0.5).astype(int)


def averaged(score: Callable[..., float], average: str) -> Peer:
    def of_classes(p: np.ndarray, t: np.ndarray) -> float:
        return score(t, decided(p), average=average, zero_division=0)

    return of_classes


def averaged_labels(score: Callable[..., float], average: str) -> Peer:
    def of_labels(p: np.ndarray, t: np.ndarray) -> float:
        return score(t, p >= 0.5, average=average, zero_division=0)

    return of_labels


def rankings(p: np.ndarray, t: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Truth and scores of every class or label that is there and not everywhere."""
    if t.ndim == 2:
        columns = zip(t.T, p.T, strict=True)
    elif p.shape[1] <= 2:
        columns = iter([(t == 1, p[:, -1])])
    else:
        columns = ((t == code, p[:, code]) for code in range(p.shape[1]))
    yield from ((true, score) for true, score in columns if true.any() and not true.all())


def ranked(score: Callable[[np.ndarray, np.ndarray], float]) -> Peer:
    def mean(p: np.ndarray, t: np.ndarray) -> float:
        found = [score(true, scores) for true, scores in rankings(p, t)]
        return float(np.mean(found)) if found else math.nan

    return mean


def balanced(p: np.ndarray, t: np.ndarray) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # classes that are said but not there
        return peer.balanced_accuracy_score(t, decided(p))


def calibration(bins: int) -> Peer:
    def error(p: np.ndarray, t: np.ndarray) -> float:
        both = np.concatenate([1 - p, p], 1) if p.shape[1] == 1 else p
        sure, right = both.max(1), decided(p) == t
        share, confidence = calibration_curve(right, sure, n_bins=bins)
        # Their bins hold their left edge, ours the right one; no random number is on an edge.
        counts = np.histogram(sure, bins=bins, range=(0, 1))[0]
        return float(np.abs(share - confidence) @ counts[counts > 0] / len(t))

    return error


def log_loss(p: np.ndarray, t: np.ndarray) -> float:
    both = np.concatenate([1 - p, p], 1) if p.shape[1] == 1 else p
    return peer.log_loss(t, both, labels=range(both.shape[1]))


def label_loss(p: np.ndarray, t: np.ndarray) -> float:
    losses = [peer.log_loss(a, b, labels=[0, 1]) for a, b in zip(t.T, p.T, strict=True)]
    return float(np.mean(losses))


AVERAGES = ("macro", "micro", "weighted")
SCORES = {
    Precision: peer.precision_score,
    Recall: peer.recall_score,
    F1: peer.f1_score,
}
ROWS = [
    *(
        Row(metric, "classification", theirs, classes)
        for metric, theirs in (
            (Accuracy(), lambda p, t: peer.accuracy_score(t, decided(p))),
            (BalancedAccuracy(), balanced),
            (RocAuc(), ranked(peer.roc_auc_score)),
            (AveragePrecision(), ranked(peer.average_precision_score)),
            (LogLoss(), log_loss),
            (CalibrationError(), calibration(15)),
            (CalibrationError(bins=4), calibration(4)),
        )
        for classes in (1, 2, 4)
    ),
    *(
        Row(
            TopK(k=k),
            "classification",
            lambda p, t, k=k: peer.top_k_accuracy_score(t, p, k=k, labels=range(4)),
            4,
        )
        for k in (1, 2, 3)
    ),
    *(
        Row(of(average=average), "classification", averaged(score, average), classes)
        for of, score in SCORES.items()
        for average in AVERAGES
        for classes in (1, 4)
    ),
    *(
        Row(of(average="binary"), "classification", averaged(score, "binary"), classes)
        for of, score in SCORES.items()
        for classes in (1, 2)
    ),
    *(
        Row(of(average=average), "multi_label", averaged_labels(score, average))
        for of, score in SCORES.items()
        for average in AVERAGES
    ),
    Row(Accuracy(), "multi_label", lambda p, t: peer.accuracy_score(t, p >= 0.5)),
    Row(RocAuc(), "multi_label", ranked(peer.roc_auc_score)),
    Row(AveragePrecision(), "multi_label", ranked(peer.average_precision_score)),
    Row(LogLoss(), "multi_label", label_loss),
    Row(MeanAbsoluteError(), "regression", lambda p, t: peer.mean_absolute_error(t, p)),
    Row(MeanSquaredError(), "regression", lambda p, t: peer.mean_squared_error(t, p)),
    Row(
        RootMeanSquaredError(),
        "regression",
        lambda p, t: math.sqrt(peer.mean_squared_error(t, p)),
    ),
    Row(R2(), "regression", lambda p, t: peer.r2_score(t, p)),
    Row(
        R2(average="variance"),
        "regression",
        lambda p, t: peer.r2_score(t, p, multioutput="variance_weighted"),
    ),
]
IDS = [f"{row.metric.kind}-{row.task}-{number}" for number, row in enumerate(ROWS)]
every_row = pytest.mark.parametrize("row", ROWS, ids=IDS)
of_classes = pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row.task != "regression"],
    ids=[name for name, row in zip(IDS, ROWS, strict=True) if row.task != "regression"],
)


def scored(metric: Metric, task: Task, p: np.ndarray, t: np.ndarray, *cuts: int) -> float:
    """The score, taken in in parts."""
    meter = metric.start(task)
    if metric.reads == "log_odds":
        with np.errstate(divide="ignore"):
            p = np.log(p) - np.log1p(-p)
    for start, stop in itertools.pairwise([0, *sorted(set(cuts)), len(t)]):
        meter.add(p[start:stop], t[start:stop])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return meter.value()


def probabilities(random: np.random.Generator, n: int, classes: int) -> np.ndarray:
    if classes == 1:
        return random.uniform(size=(n, 1))
    return random.dirichlet(np.ones(classes), n)


def draw(row: Row, random: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Predictions and targets of the row's task."""
    if row.task == "classification":
        codes = random.integers(0, max(2, row.classes), n)
        return probabilities(random, n, row.classes), codes
    if row.task == "multi_label":
        return random.uniform(size=(n, row.classes)), random.integers(0, 2, (n, row.classes))
    targets = random.normal(size=(n, row.classes))
    return targets + random.normal(size=(n, row.classes)), targets


def test_every_metric_of_the_catalog_has_a_row_for_each_of_its_tasks() -> None:
    from dlrun import catalog

    catalog.load()

    tried = {(row.metric.kind, row.task) for row in ROWS}
    family = catalog.Metric.family
    assert tried == {(name, task) for name in family for task in family[name].tasks}


@every_row
@settings(deadline=None, max_examples=25)
@given(cuts=st.lists(st.integers(1, 39), max_size=4), seed=st.integers(0, 2**32 - 1))
def test_scores_are_those_of_scikit_learn_however_the_data_is_cut(
    row: Row, cuts: list[int], seed: int
) -> None:
    p, t = draw(row, np.random.default_rng(seed), 40)
    found = scored(row.metric, row.task, p, t, *cuts)
    assert found == pytest.approx(row.peer(p, t), rel=1e-9, nan_ok=True)


@of_classes
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_scores_of_small_parts_with_ties_and_missing_classes(row: Row, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 6))
    width = max(2, row.classes) if row.task == "classification" else 2
    drawn = data.draw(st.lists(st.integers(0, width - 1), min_size=n * 3, max_size=n * 3))
    level = data.draw(st.lists(st.integers(1, 4), min_size=n * 4, max_size=n * 4))
    raw = np.reshape(level, (n, 4)) / 10.0
    if row.task == "multi_label":
        p, t = 2 * raw[:, :3], np.reshape(drawn, (n, 3))
    else:
        p, t = raw[:, : row.classes] * (1 if row.classes > 1 else 2), np.array(drawn[:n])
        if row.classes > 1:
            # What is equal but for the last place is a tie of log-odds.
            p = np.round(p / p.sum(axis=1, keepdims=True), 12)
    if row.metric.kind == "calibration_error":
        p = p * (1 - 1e-9)  # no confidence on the edge of a bin
    if row.metric.kind == "top_k":
        p = p + 1e-6 * np.arange(4)  # theirs breaks ties at random places
    found = scored(row.metric, row.task, p, t, 1)
    expected = row.peer(p / p.sum(axis=1, keepdims=True) if row.metric.kind == "top_k" else p, t)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-12, nan_ok=True)


@settings(deadline=None, max_examples=25)
@given(
    shift=st.sampled_from([0.0, 1e6]),
    constant=st.lists(st.booleans(), min_size=3, max_size=3),
    met=st.booleans(),
    average=st.sampled_from(["uniform", "variance"]),
)
def test_r2_of_targets_that_do_not_vary(
    shift: float, constant: list[bool], met: bool, average: str
) -> None:
    random = np.random.default_rng(3)
    t = random.normal(size=(20, 3)) + shift
    t[:, constant] = 0.5 + shift
    p = t + random.normal(size=t.shape)
    if met:
        p[:, constant] = t[:, constant]
    theirs = {"uniform": "uniform_average", "variance": "variance_weighted"}[average]
    expected = peer.r2_score(t, p, multioutput=theirs)
    assert scored(R2(average=average), "regression", p, t, 7) == pytest.approx(expected, rel=1e-6)


def test_r2_knows_a_constant_whose_mean_is_rounded() -> None:
    t = np.full((30, 1), 0.1)
    assert scored(R2(), "regression", t + 0.1, t, 11) == 0
    assert scored(R2(), "regression", t, t, 11) == 1


def test_r2_of_one_sample_is_not_defined() -> None:
    assert math.isnan(scored(R2(), "regression", np.ones((1, 2)), np.ones((1, 2))))


@every_row
def test_no_data_has_no_score(row: Row) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert math.isnan(row.metric.start(row.task).value())


@pytest.mark.parametrize(
    "row",
    [r for r in ROWS if r.task == "regression" or r.metric.kind in ("roc_auc", "log_loss")],
    ids=lambda row: f"{row.metric.kind}-{row.task}",
)
def test_predictions_that_are_no_numbers_have_no_score(row: Row) -> None:
    p, t = draw(row, np.random.default_rng(1), 30)
    p[7] = np.nan
    assert math.isnan(scored(row.metric, row.task, p, t, 11))


@pytest.mark.parametrize("classes", [1, 4])
def test_diverged_predictions_are_scored_without_a_warning(classes: int) -> None:
    p, t = np.full((9, classes), np.nan), np.arange(9) % max(2, classes)
    for row in ROWS:
        if row.task == "classification" and row.classes == classes:
            found = scored(row.metric, row.task, p, t, 4)
            assert math.isnan(found) or 0 <= found <= 1
    assert math.isnan(scored(CalibrationError(), "classification", p, t))
    assert scored(TopK(k=3), "classification", np.full((9, 4), np.nan), t) == 0


def test_one_output_says_the_second_class_from_one_half_on() -> None:
    p, t = np.array([[0.5], [0.49], [0.9], [0.1]]), np.array([1, 0, 0, 0])
    assert scored(Accuracy(), "classification", p, t) == 0.75


@of_classes
def test_a_class_at_each_time_is_as_many_samples(row: Row) -> None:
    if row.task == "multi_label":
        return
    p, t = draw(row, np.random.default_rng(5), 60)
    whole = scored(row.metric, row.task, p, t)
    times = scored(row.metric, row.task, p.reshape(12, 5, -1), t.reshape(12, 5), 4)
    assert times == pytest.approx(whole, rel=1e-12)


def test_of_shares_the_largest_is_the_class() -> None:
    random = np.random.default_rng(2)
    p, shares = probabilities(random, 50, 3), probabilities(random, 50, 3)
    codes = shares.argmax(axis=1)
    for metric in (Accuracy(), F1(), RocAuc(), LogLoss(), TopK(k=2)):
        assert scored(metric, "classification", p, shares) == pytest.approx(
            scored(metric, "classification", p, codes)
        )
    pairs = np.stack([1 - p[:, 0], p[:, 0]], axis=1)
    assert scored(Accuracy(), "classification", p[:, :1], pairs) == 1


def test_a_sure_confidence_is_in_the_last_bin() -> None:
    p = np.eye(2)[[0, 1, 1, 0]]
    assert scored(CalibrationError(), "classification", p, np.array([0, 1, 1, 0])) == 0
    assert scored(CalibrationError(), "classification", p, np.array([1, 1, 1, 0])) == 0.25


def test_equal_probabilities_prefer_what_comes_first() -> None:
    p = np.full((3, 3), 1 / 3)
    assert scored(TopK(k=2), "classification", p, np.array([0, 1, 2])) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ([F1(), Accuracy()], ("f1", "accuracy")),
        ([TopK(k=3), Accuracy(), TopK()], ("top_k_3", "accuracy", "top_k_5")),
        ([F1(), F1(average="micro")], ("f1_macro", "f1_micro")),
        ([CalibrationError(bins=10)], ("calibration_error",)),
    ],
)
def test_names_tell_settings_apart(metrics: list[Metric], expected: tuple[str, ...]) -> None:
    assert names(metrics) == expected


@pytest.mark.parametrize(
    ("metric", "target", "says"),
    [
        (TopK(), Target("classification", np.zeros(3, int), 5), "always 1 with 5 classes; lower k"),
        (F1(average="binary"), Target("classification", np.zeros(3, int), 3), "has 3 classes; use"),
        (Recall(average="binary"), Target("multi_label", np.zeros((3, 2)), 2), "has 2 labels; use"),
    ],
)
def test_settings_that_do_not_fit_the_data_are_refused(
    metric: Metric, target: Target, says: str
) -> None:
    with pytest.raises(ShapeError, match=says):
        metric.check(target)


def test_errors_beyond_the_root_of_float32_are_numbers() -> None:
    p, t = np.full((4, 1), 1e30, np.float32), np.zeros((4, 1), np.float32)
    assert scored(MeanSquaredError(), "regression", p, t) == pytest.approx(1e60, rel=1e-6)
