"""Nothing to begin with: all zeros."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializer import Initializer, initializer


@initializer("zeros")
class Zeros(Initializer):
    """Every value 0: right for biases, wrong for kernels.

    In a kernel it makes all units of a layer compute the same thing and get the same gradient, so
    they stay equal for ever: the layer has the strength of one unit.
    """

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """Zeros."""
        return np.zeros(shape)
