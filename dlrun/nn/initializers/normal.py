"""Normally distributed values with a fixed standard deviation."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializers.base import Initializer, initializer
from dlrun.spec.fields import Positive32


@initializer("normal")
class Normal(Initializer):
    """Normal with a fixed standard deviation.

    The standard deviation does not depend on the fan-in, so in a deep network the signal shrinks or
    grows by a constant factor in every layer.
    """

    std: Positive32 = 0.05
    """Standard deviation."""
    mean: float = 0.0
    """Mean."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """N(mean, std^2)."""
        return random.normal(self.mean, self.std, shape)
