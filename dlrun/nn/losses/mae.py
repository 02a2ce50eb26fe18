"""Mean absolute error."""

from __future__ import annotations

from collections.abc import Callable

from dlrun.arrays import Array
from dlrun.nn.kernels import Kernels
from dlrun.nn.losses.base import loss
from dlrun.nn.losses.numbers import NumberLoss


@loss("mae")
class MeanAbsoluteError(NumberLoss):
    """Mean absolute error: less sensitive to outliers than ``mse``.

    Mean of |x - target| over batch and outputs; the optimal prediction is the median.  The gradient
    does not become smaller near the target, so the last steps need a decreasing learning rate; with
    ``huber`` they do not.

    Shape: outputs and targets (batch, ...).
    """

    def error(self, kernels: Kernels) -> Callable[[Array, Array, Array | None], float]:
        """Absolute."""
        found: Callable[[Array, Array, Array | None], float] = kernels.loss.absolute_error
        return found
