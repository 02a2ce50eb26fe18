"""Divergence from a distribution."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.kernels import Kernels
from dlrun.nn.layer import Tensor
from dlrun.nn.loss import loss
from dlrun.nn.losses.softmax import SoftmaxLoss
from dlrun.nn.target import Target

_TOLERANCE = 1e-3
"""By how much the numbers of a target may miss the sum of 1, as printed tables do."""


@loss("kl_divergence")
class KLDivergence(SoftmaxLoss):
    """sum t log(t / softmax(x)), for targets t that are distributions; no softmax in the network.

    Kullback & Leibler, "On information and sufficiency", 1951; a sum over the last axis, a mean
    over the rest.  0 is the least: the network then says the distribution itself.  Predictions are
    distributions.

    Shape: outputs as targets, (batch, ..., k); the k numbers of a target are not negative and sum
    to 1.
    """

    def check(self, output: Shape, target: Target) -> None:
        """One output for each number of a distribution."""
        if target.task != "regression":
            advice = "cross_entropy" if target.task == "classification" else "binary_cross_entropy"
            raise ShapeError(
                f"{self.kind} needs distributions as targets, the data has "
                f"{'classes' if target.task == 'classification' else 'labels'}; use {advice}"
            )
        if output != target.shape:
            raise ShapeError(
                f"{self.kind} needs {target.shape}, one output a number of the target, got {output}"
            )
        if not all(_distributions(values) for values in target.stretches()):
            raise ShapeError(
                f"{self.kind} needs distributions as targets: numbers of at least 0 that sum to 1; "
                "use mse for other numbers"
            )

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Close over the arrays."""
        k = x.value.shape[-1]
        value, given = x.value.reshape(-1, k), targets.reshape(-1, k)
        grad = None if x.grad is None else x.grad.reshape(-1, k)
        return lambda: kernels.loss.kl_divergence(value, given, grad)


def _distributions(values: Array) -> bool:
    sums = values.sum(axis=-1, dtype=np.float64)
    return bool((values >= 0).all() and (abs(sums - 1.0) <= _TOLERANCE).all())
