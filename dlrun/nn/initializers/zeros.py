"""All zeros."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializers.base import Initializer, initializer


@initializer("zeros")
class Zeros(Initializer):
    """Sets all values to 0: for biases, not for kernels.

    In a kernel it gives all units of a layer the same outputs and gradients, so they stay
    identical: the layer has the capacity of one unit.
    """

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """Zeros."""
        return np.zeros(shape)
