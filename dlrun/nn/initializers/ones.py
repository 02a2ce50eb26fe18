"""All ones."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializers.base import Initializer, initializer


@initializer("ones")
class Ones(Initializer):
    """Sets all values to 1: for scales, which initially change nothing."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """Ones."""
        return np.ones(shape)
