"""LeCun initialization: a variance that keeps the signal without an activation.

LeCun, Bottou, Orr & Mueller, "Efficient backprop", 1998: Var(w) = 1 / fan_in.
"""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializers.base import initializer
from dlrun.nn.initializers.scaled import Scaled


@initializer("lecun_normal")
class LeCunNormal(Scaled):
    """Normal with variance gain^2 / fan: for selu (Klambauer et al., 2017)."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """N(0, gain^2 / fan)."""
        return random.normal(0.0, self.factor() / math.sqrt(self.fan(fan_in, fan_out)), shape)


@initializer("lecun_uniform")
class LeCunUniform(Scaled):
    """Uniform with variance gain^2 / fan."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """U(-a, a), a = gain * sqrt(3 / fan)."""
        bound = self.factor() * math.sqrt(3.0 / self.fan(fan_in, fan_out))
        return random.uniform(-bound, bound, shape)
