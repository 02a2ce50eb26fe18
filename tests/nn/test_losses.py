"""Losses: gradients, extremes, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from dlrun.errors import ShapeError
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.layer import Tensor
from dlrun.nn.loss import Loss
from dlrun.nn.losses.binary_cross_entropy import BinaryCrossEntropy
from dlrun.nn.losses.cross_entropy import CrossEntropy
from dlrun.nn.losses.mse import MeanSquaredError

random = np.random.default_rng(4)
CASES = [
    (CrossEntropy(), random.normal(0, 3, (6, 4)), random.integers(0, 4, 6)),
    (BinaryCrossEntropy(), random.normal(0, 3, (7, 1)), random.integers(0, 2, 7)),
    (MeanSquaredError(), random.normal(0, 3, (5, 3)), random.normal(0, 3, (5, 3))),
]


def test_every_loss_of_the_catalog_has_a_row() -> None:
    from dlrun import catalog

    assert {loss.kind for loss, _, _ in CASES} == set(catalog.Loss.family)


@pytest.mark.parametrize(
    ("loss", "outputs", "targets"), CASES, ids=lambda each: type(each).__name__
)
def test_the_gradient_is_the_derivative(
    loss: Loss, outputs: np.ndarray, targets: np.ndarray
) -> None:
    grad = np.full_like(outputs, np.nan)
    loss.bind(Tensor(outputs, grad), targets, numpy_kernels())()
    direction = np.random.default_rng(0).normal(size=outputs.shape)
    h = 1e-6
    there = loss.bind(Tensor(outputs + h * direction), targets, numpy_kernels())()
    back = loss.bind(Tensor(outputs - h * direction), targets, numpy_kernels())()
    assert (there - back) / (2 * h) == pytest.approx((grad * direction).sum(), rel=1e-6)


@pytest.mark.parametrize("size", [1e4, 1e30])
def test_huge_outputs_give_finite_cross_entropies(size: float) -> None:
    outputs = np.array([[size, -size]], np.float32)
    assert CrossEntropy().bind(Tensor(outputs), np.array([1]), numpy_kernels())() == pytest.approx(
        2 * size
    )
    single = np.array([[-size]], np.float32)
    assert BinaryCrossEntropy().bind(
        Tensor(single), np.array([1]), numpy_kernels()
    )() == pytest.approx(size)


@pytest.mark.parametrize(
    ("loss", "output", "target", "classes", "says"),
    [
        (CrossEntropy(), (3,), (), 10, r"needs \(10,\), one output a class, got \(3,\)"),
        (CrossEntropy(), (1,), (1,), None, "use mse"),
        (BinaryCrossEntropy(), (1,), (), 3, "the data has 3; use cross_entropy"),
        (BinaryCrossEntropy(), (2,), (), 2, r"needs \(1,\), got \(2,\)"),
        (BinaryCrossEntropy(), (1,), (1,), None, "use mse"),
        (MeanSquaredError(), (3,), (), 3, "use cross_entropy"),
        (MeanSquaredError(), (3,), (1,), None, r"needs \(1,\), one output a target, got \(3,\)"),
    ],
)
def test_a_network_that_does_not_fit_the_target_is_refused(
    loss: Loss, output: tuple[int], target: tuple[int], classes: int | None, says: str
) -> None:
    with pytest.raises(ShapeError, match=says):
        loss.check(output, target, classes)
