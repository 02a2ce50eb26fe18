"""Mean absolute error."""

from __future__ import annotations

from collections.abc import Callable

from dlrun.arrays import Array
from dlrun.nn.kernels import Kernels
from dlrun.nn.loss import loss
from dlrun.nn.losses.numbers import NumberLoss


@loss("mae")
class MeanAbsoluteError(NumberLoss):
    """Mean of |x - target| over batch and outputs; its best answer is the median.

    Outliers count by their distance, not by its square.  The gradient has the same size near the
    target as far from it, so the last steps need a falling learning rate; ``huber`` does not.

    Shape: outputs as targets, (batch, ...).
    """

    def error(self, kernels: Kernels) -> Callable[[Array, Array, Array | None], float]:
        """Absolute."""
        found: Callable[[Array, Array, Array | None], float] = kernels.loss.absolute_error
        return found
