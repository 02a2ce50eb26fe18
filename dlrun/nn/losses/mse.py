"""Mean squared error."""

from __future__ import annotations

from collections.abc import Callable

from dlrun.arrays import Array
from dlrun.nn.kernels import Kernels
from dlrun.nn.losses.base import loss
from dlrun.nn.losses.numbers import NumberLoss


@loss("mse")
class MeanSquaredError(NumberLoss):
    """Mean squared error: the usual loss for regression.

    Mean of (x - target)^2 over batch and outputs.

    Shape: outputs and targets (batch, ...): one value, several, or an image.
    """

    def error(self, kernels: Kernels) -> Callable[[Array, Array, Array | None], float]:
        """Squared."""
        found: Callable[[Array, Array, Array | None], float] = kernels.loss.squared_error
        return found
