"""Huber loss."""

from __future__ import annotations

from collections.abc import Callable

from dlrun.arrays import Array
from dlrun.nn.kernels import Kernels
from dlrun.nn.losses.base import loss
from dlrun.nn.losses.numbers import NumberLoss
from dlrun.spec.fields import Positive32


@loss("huber")
class Huber(NumberLoss):
    """Squared error for small errors, absolute error for large ones: robust to outliers.

    Mean of e^2 / 2 if |e| <= delta, otherwise delta (|e| - delta / 2), for e = x - target. Huber,
    "Robust estimation of a location parameter", Annals of Mathematical Statistics 35, 1964.

    Shape: outputs and targets (batch, ...).
    """

    delta: Positive32 = 1.0
    """Error, in units of the target, above which the loss grows linearly instead of
    quadratically."""

    def error(self, kernels: Kernels) -> Callable[[Array, Array, Array | None], float]:
        """Squared near the target, absolute far from it."""
        huber, delta = kernels.loss.huber, self.delta
        return lambda x, targets, dx: huber(x, targets, delta, dx)
