"""Kullback-Leibler divergence from a target distribution."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.kernels import Kernels
from dlrun.nn.losses.base import loss
from dlrun.nn.losses.softmax import SoftmaxLoss
from dlrun.nn.target import Target
from dlrun.nn.tensor import Tensor

_TOLERANCE = 1e-3
"""Allowed difference of a target's sum from 1, as in printed tables."""


@loss("kl_divergence")
class KLDivergence(SoftmaxLoss):
    """Kullback-Leibler divergence of the softmax from a target distribution.

    sum t log(t / softmax(x)) over the last axis, averaged over all others.  The last layer outputs
    x, without a softmax.  The minimum is 0, where the prediction equals the target distribution.
    Kullback & Leibler, "On information and sufficiency", 1951.

    Shape: outputs and targets (batch, ..., k); the k values of a target are not negative and sum to
    1.
    """

    def check(self, output: Shape, target: Target) -> None:
        """Check for one output per value of a distribution."""
        if target.task != "regression":
            advice = "cross_entropy" if target.task == "classification" else "binary_cross_entropy"
            raise ShapeError(
                f"{self.kind} needs distributions as targets, the targets are "
                f"{'classes' if target.task == 'classification' else 'multi-label'}; use {advice}"
            )
        if output != target.shape:
            raise ShapeError(
                f"{self.kind} needs {target.shape}, one output per target value, got {output}"
            )
        if not all(_distributions(values) for values in target.stretches()):
            raise ShapeError(
                f"{self.kind} needs distributions as targets: values >= 0 that sum to 1; "
                "use mse for other values"
            )

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Bind the loss to the arrays."""
        k = x.value.shape[-1]
        value, given = x.value.reshape(-1, k), targets.reshape(-1, k)
        grad = None if x.grad is None else x.grad.reshape(-1, k)
        return lambda: kernels.loss.kl_divergence(value, given, grad)


def _distributions(values: Array) -> bool:
    sums = values.sum(axis=-1, dtype=np.float64)
    return bool((values >= 0).all() and (abs(sums - 1.0) <= _TOLERANCE).all())
