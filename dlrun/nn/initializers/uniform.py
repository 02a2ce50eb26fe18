"""Uniformly distributed values with fixed bounds."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializers.base import Initializer, initializer
from dlrun.spec.fields import Positive32


@initializer("uniform")
class Uniform(Initializer):
    """Uniform with fixed bounds; like ``normal``, it does not depend on the fan-in."""

    bound: Positive32 = 0.05
    """Largest distance from the mean; the standard deviation is bound / sqrt(3)."""
    mean: float = 0.0
    """Mean."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """U(mean - bound, mean + bound)."""
        return random.uniform(self.mean - self.bound, self.mean + self.bound, shape)
