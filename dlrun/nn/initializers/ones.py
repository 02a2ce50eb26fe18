"""All ones: the scale of a normalization before it has learned another."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializer import Initializer, initializer


@initializer("ones")
class Ones(Initializer):
    """Every value 1: for scales, which then change nothing at first."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """Ones."""
        return np.ones(shape)
