"""Losses: gradients, extremes, and what they refuse."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loss_cases import CASES, IDS, Case
from sklearn.metrics import hinge_loss
from sklearn.utils.class_weight import compute_class_weight

from dlrun.errors import ShapeError
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.layers.base import Tensor
from dlrun.nn.losses.base import Loss
from dlrun.nn.losses.binary_cross_entropy import BinaryCrossEntropy
from dlrun.nn.losses.binary_focal import BinaryFocal
from dlrun.nn.losses.binary_hinge import BinaryHinge
from dlrun.nn.losses.cross_entropy import CrossEntropy
from dlrun.nn.losses.focal import Focal
from dlrun.nn.losses.hinge import Hinge
from dlrun.nn.losses.huber import Huber
from dlrun.nn.losses.kl_divergence import KLDivergence
from dlrun.nn.losses.mae import MeanAbsoluteError
from dlrun.nn.losses.mse import MeanSquaredError
from dlrun.nn.target import Target

every_case = pytest.mark.parametrize("case", CASES, ids=IDS)


def value(loss: Loss, outputs: np.ndarray, targets: np.ndarray) -> float:
    return loss.bind(Tensor(outputs), targets, numpy_kernels())()


def gradient(loss: Loss, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    grad = np.full_like(outputs, np.nan)
    loss.bind(Tensor(outputs, grad), targets, numpy_kernels())()
    return grad


def test_every_loss_of_the_catalog_has_a_row() -> None:
    from dlrun import catalog

    catalog.load()

    assert {case.loss.kind for case in CASES} == set(catalog.Loss.family)


@every_case
def test_the_gradient_is_the_derivative(case: Case) -> None:
    loss, outputs, targets = case.loss, case.outputs, case.targets
    direction = np.random.default_rng(0).normal(size=outputs.shape)
    h = 1e-6
    there = value(loss, outputs + h * direction, targets)
    back = value(loss, outputs - h * direction, targets)
    slope = (gradient(loss, outputs, targets) * direction).sum()
    assert (there - back) / (2 * h) == pytest.approx(slope, rel=1e-6)


@every_case
def test_the_value_is_the_same_with_and_without_a_gradient(case: Case) -> None:
    grad = np.full_like(case.outputs, np.nan)
    bound = case.loss.bind(Tensor(case.outputs, grad), case.targets, numpy_kernels())
    assert bound() == value(case.loss, case.outputs, case.targets)
    first = grad.copy()
    grad.fill(np.nan)  # a second step writes and does not add
    bound()
    np.testing.assert_array_equal(grad, first)


@every_case
def test_the_loss_of_a_part_is_the_mean_of_those_of_its_batches(case: Case) -> None:
    n = len(case.outputs)
    parts = [
        (stop - start, value(case.loss, case.outputs[start:stop], case.targets[start:stop]))
        for start, stop in itertools.pairwise((0, 1, n // 2, n))
    ]
    mean = sum(size * each for size, each in parts) / n
    assert value(case.loss, case.outputs, case.targets) == pytest.approx(mean, rel=1e-12)


@every_case
def test_a_number_that_is_none_shows_in_the_loss(case: Case) -> None:
    for place in np.ndindex(case.outputs.shape):
        outputs = case.outputs.copy()
        outputs[place] = np.nan
        assert np.isnan(value(case.loss, outputs, case.targets)), place


@every_case
def test_predictions_have_the_shape_of_the_outputs(case: Case) -> None:
    found = case.loss.predictions(case.outputs)
    assert found.shape == case.outputs.shape
    if isinstance(case.loss, MeanSquaredError | MeanAbsoluteError | Huber):
        np.testing.assert_array_equal(found, case.outputs)
    else:
        assert (found >= 0).all()
        assert (found <= 1).all()


@pytest.mark.parametrize("size", [1e4, 1e30])
def test_huge_outputs_give_finite_losses_of_classes(size: float) -> None:
    outputs = np.array([[size, -size]], np.float32)
    single = np.array([[-size]], np.float32)
    wrong, yes = np.array([1]), np.array([1])
    for loss in (CrossEntropy(), Focal(), Hinge(), CrossEntropy(label_smoothing=0.1)):
        grad = np.full_like(outputs, np.nan)
        found = loss.bind(Tensor(outputs, grad), wrong, numpy_kernels())()
        assert found == pytest.approx(2 * size, rel=0.11)
        assert np.isfinite(grad).all()
    for loss in (BinaryCrossEntropy(), BinaryFocal(), BinaryHinge()):
        grad = np.full_like(single, np.nan)
        found = loss.bind(Tensor(single, grad), yes, numpy_kernels())()
        assert found == pytest.approx(size, rel=1e-3)
        assert np.isfinite(grad).all()


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_what_is_surely_right_has_a_focal_loss_of_nothing(gamma: float) -> None:
    outputs = np.array([[100.0, -100.0]])
    assert 0 <= value(Focal(gamma=gamma), outputs, np.array([0])) < 1e-80
    np.testing.assert_allclose(gradient(Focal(gamma=gamma), outputs, np.array([0])), 0, atol=1e-80)
    single = outputs[:, :1]
    assert value(BinaryFocal(gamma=gamma), single, np.array([1])) < 1e-40
    assert np.isfinite(gradient(BinaryFocal(gamma=gamma), single, np.array([1]))).all()


random = np.random.default_rng(8)


@settings(deadline=None)
@given(st.integers(2, 6), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_shares_that_are_all_or_nothing_are_classes(classes: int, n: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    outputs, codes = draw.normal(0, 3, (n, classes)), draw.integers(0, classes, n)
    one_hot = np.eye(classes)[codes]
    weights = tuple(draw.uniform(0.1, 3, classes).tolist())
    for loss in (
        CrossEntropy(),
        CrossEntropy(label_smoothing=0.2, weights=weights),
        Focal(alpha=weights),
        Hinge(),
    ):
        assert value(loss, outputs, one_hot) == pytest.approx(value(loss, outputs, codes))
        np.testing.assert_allclose(
            gradient(loss, outputs, one_hot), gradient(loss, outputs, codes), atol=1e-14
        )


def test_two_classes_in_shares_are_one_output() -> None:
    outputs, share = random.normal(0, 2, (9, 1)), random.uniform(size=9)
    pairs = np.stack([1 - share, share], axis=-1)
    for loss in (BinaryCrossEntropy(), BinaryFocal(alpha=0.3), BinaryHinge()):
        assert value(loss, outputs, pairs) == pytest.approx(value(loss, outputs, share))


def test_without_a_focus_it_is_cross_entropy() -> None:
    outputs, codes = random.normal(0, 3, (8, 3)), random.integers(0, 3, 8)
    assert value(Focal(gamma=0.0), outputs, codes) == pytest.approx(
        value(CrossEntropy(), outputs, codes)
    )
    single, yes = outputs[:, :1], random.integers(0, 2, 8)
    assert value(BinaryFocal(gamma=0.0), single, yes) == pytest.approx(
        value(BinaryCrossEntropy(), single, yes)
    )


def test_the_hinge_is_that_of_scikit_learn() -> None:
    outputs, codes = random.normal(0, 2, (30, 4)), random.integers(0, 4, 30)
    theirs = hinge_loss(codes, outputs, labels=[0, 1, 2, 3])
    assert value(Hinge(), outputs, codes) == pytest.approx(theirs)
    yes = random.integers(0, 2, 30)
    theirs = hinge_loss(yes, outputs[:, 0])
    assert value(BinaryHinge(), outputs[:, :1], yes) == pytest.approx(theirs)


def test_a_distribution_against_itself_does_not_diverge() -> None:
    outputs = random.normal(0, 2, (5, 4))
    loss = KLDivergence()
    assert value(loss, outputs, loss.predictions(outputs)) == pytest.approx(0, abs=1e-12)
    sure = np.eye(4)[:3]
    assert value(loss, outputs[:3], sure) == pytest.approx(
        value(CrossEntropy(), outputs[:3], np.arange(3))
    )


@settings(deadline=None)
@given(st.lists(st.integers(1, 50), min_size=2, max_size=5))
def test_balanced_weights_are_those_of_scikit_learn(counts: list[int]) -> None:
    codes = np.repeat(np.arange(len(counts)), counts)
    target = Target("classification", codes, len(counts))
    theirs = compute_class_weight("balanced", classes=np.arange(len(counts)), y=codes)
    for fitted in (
        CrossEntropy(weights="balanced").fit(target).weights,
        Focal(alpha="balanced").fit(target).alpha,
    ):
        np.testing.assert_allclose(fitted, theirs)


def test_balanced_weights_of_classes_and_labels_that_are_missing() -> None:
    codes = np.array([[0, 0, 2], [0, 0, 2]])  # a class at each of three times
    fitted = CrossEntropy(weights="balanced").fit(Target("classification", codes, 3))
    np.testing.assert_allclose(fitted.weights, (6 / (2 * 4), 1.0, 6 / (2 * 2)))
    labels = np.array([[1, 0, 1], [0, 0, 1], [0, 0, 1], [0, 0, 1]], np.float32)
    found = BinaryCrossEntropy(positive_weight="balanced").fit(Target("multi_label", labels, 3))
    assert found.positive_weight == (3.0, 1.0, 1.0)
    yes = Target("classification", np.array([0, 0, 0, 1]), 2)
    found = BinaryCrossEntropy(positive_weight="balanced").fit(yes)
    assert found.positive_weight == (3.0,)


def test_a_loss_that_needs_nothing_of_the_data_stays_as_it_is() -> None:
    target = Target("classification", np.array([0, 1]), 2)
    for loss in (CrossEntropy(weights=(1.0, 2.0)), Focal(), BinaryCrossEntropy(), Hinge()):
        assert loss.fit(target) is loss


CODES = np.zeros(4, np.int64)
TIMES = np.zeros((4, 7), np.int64)
LABELS = np.zeros((4, 3), np.float32)
NUMBERS = np.zeros((4, 1), np.float32)
IMAGES = np.zeros((4, 8, 8, 1), np.float32)
THREE = Target("classification", CODES, 3)
TWO = Target("classification", CODES, 2)
MANY = Target("multi_label", LABELS, 3)
ONE = Target("regression", NUMBERS)


@pytest.mark.parametrize(
    ("loss", "output", "target", "says"),
    [
        (
            CrossEntropy(),
            (3,),
            Target("classification", CODES, 10),
            r"needs \(10,\), one output",
        ),
        (CrossEntropy(), (1,), ONE, "use mse"),
        (CrossEntropy(), (3,), MANY, "one class per sample.*use binary_cross_entropy"),
        (CrossEntropy(), (3,), Target("classification", TIMES, 3), r"needs \(7, 3\), one output"),
        (CrossEntropy(weights=(1.0, 2.0)), (3,), THREE, "has 2 'weights' for 3 classes"),
        (CrossEntropy(weights=(0.0, 0.0, 0.0)), (3,), THREE, "only 0 as 'weights'"),
        (Focal(alpha=(1.0,)), (3,), THREE, "has 1 'alpha' for 3 classes"),
        (Focal(), (3,), MANY, "use binary_focal"),
        (Hinge(), (3,), MANY, "use binary_hinge"),
        (BinaryCrossEntropy(), (1,), THREE, "the data has 3; use cross_entropy"),
        (BinaryCrossEntropy(), (2,), TWO, r"needs \(1,\), got \(2,\)"),
        (BinaryCrossEntropy(), (1,), ONE, "use mse"),
        (BinaryCrossEntropy(), (2,), MANY, r"needs \(3,\), one output per label, got \(2,\)"),
        (BinaryCrossEntropy(positive_weight=(1.0, 1.0)), (3,), MANY, "for 3 labels; give one each"),
        (BinaryFocal(), (1,), THREE, "use focal"),
        (BinaryHinge(), (1,), THREE, "use hinge"),
        (MeanSquaredError(), (3,), THREE, "use cross_entropy"),
        (MeanAbsoluteError(), (3,), MANY, "use binary_cross_entropy"),
        (Huber(), (3,), ONE, r"needs \(1,\), one output per target value, got \(3,\)"),
        (MeanSquaredError(), (64,), Target("regression", IMAGES), r"needs \(8, 8, 1\)"),
        (KLDivergence(), (3,), THREE, "the targets are classes; use cross_entropy"),
        (KLDivergence(), (3,), MANY, "the targets are multi-label; use binary_cross_entropy"),
        (KLDivergence(), (3,), ONE, r"needs \(1,\), one output per target value"),
        (KLDivergence(), (1,), ONE, "sum to 1; use mse"),
    ],
)
def test_a_network_that_does_not_fit_the_target_is_refused(
    loss: Loss, output: tuple[int], target: Target, says: str
) -> None:
    with pytest.raises(ShapeError, match=says) as caught:
        loss.check(output, target)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("loss", "output", "target"),
    [
        (CrossEntropy(), (7, 3), Target("classification", TIMES, 3)),
        (CrossEntropy(weights=(0.0, 1.0, 2.0)), (3,), THREE),
        (BinaryCrossEntropy(), (7, 1), Target("classification", TIMES, 2)),
        (BinaryCrossEntropy(positive_weight=3.0), (3,), MANY),
        (MeanSquaredError(), (8, 8, 1), Target("regression", IMAGES)),
        (KLDivergence(), (4,), Target("regression", np.full((5, 4), 0.25, np.float32))),
    ],
)
def test_a_network_that_fits_is_taken(loss: Loss, output: tuple[int], target: Target) -> None:
    loss.check(output, target)


@pytest.mark.parametrize("loss", [MeanSquaredError(), MeanAbsoluteError(), Huber()])
def test_quantities_that_were_read_as_classes_have_a_remedy(loss: Loss) -> None:
    ratings = Target("classification", np.arange(20) % 5, 5)
    with pytest.raises(ShapeError, match=r"set data.source.task to regression if they are"):
        loss.check((1,), ratings)


@pytest.mark.parametrize("kind", ["cross_entropy", "focal", "hinge"])
def test_targets_that_may_be_classes_are_explained(kind: str) -> None:
    from dlrun import catalog
    from dlrun.errors import ShapeError
    from dlrun.nn.target import Target

    catalog.load()
    loss = catalog.Loss.family[kind]()
    one_hot = np.eye(3, dtype=np.float32)
    advice = "if the targets are one-hot, store the classes: y.argmax"
    with pytest.raises(ShapeError, match=f"set data.source.task to classification.*; {advice}"):
        loss.check((3,), Target("regression", one_hot))
    with pytest.raises(ShapeError, match=f"needs .3, 2.*; {advice}"):
        loss.check((3,), Target("classification", one_hot.astype(np.int64), 2))
    with pytest.raises(ShapeError, match=r"if the numbers are classes$"):
        loss.check((3,), Target("regression", one_hot[:, :1]))


def test_every_term_of_a_smoothed_target_has_the_weight_of_its_class() -> None:
    outputs, codes = random.normal(0, 2, (9, 3)), random.integers(0, 3, 9)
    weights = np.array([1.0, 0.0, 5.0])
    logs = outputs - np.log(np.exp(outputs).sum(axis=1, keepdims=True))
    smoothed = 0.5 * np.eye(3)[codes] + 0.5 / 3
    expected = -(weights * smoothed * logs).sum() / 9
    loss = CrossEntropy(weights=(1.0, 0.0, 5.0), label_smoothing=0.5)
    assert value(loss, outputs, codes) == pytest.approx(expected)
