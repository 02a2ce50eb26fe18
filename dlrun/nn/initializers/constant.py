"""The same value everywhere."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializers.base import Initializer, initializer


@initializer("constant")
class Constant(Initializer):
    """Sets all values to the same number: for biases, not for kernels.

    In a kernel it makes all units of a layer identical.
    """

    value: float
    """The value."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """The value everywhere."""
        return np.full(shape, self.value)
