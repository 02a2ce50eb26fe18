"""One number everywhere."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializer import Initializer, initializer


@initializer("constant")
class Constant(Initializer):
    """Every value the same: for biases; in a kernel it makes all units of a layer one unit."""

    value: float
    """The value."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """The value everywhere."""
        return np.full(shape, self.value)
