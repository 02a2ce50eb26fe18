"""Xavier initialization: a variance that preserves both the signal and the gradient.

Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks",
AISTATS 2010: Var(w) = 2 / (fan_in + fan_out).
"""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializers.base import Gained, initializer


@initializer("xavier_normal", "glorot_normal")
class XavierNormal(Gained):
    """Normal with variance gain^2 * 2 / (fan_in + fan_out): for tanh and sigmoid."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """N(0, gain^2 * 2 / (fan_in + fan_out))."""
        return random.normal(0.0, self.factor() * math.sqrt(2.0 / (fan_in + fan_out)), shape)


@initializer("xavier_uniform", "glorot_uniform")
class XavierUniform(Gained):
    """Uniform with variance gain^2 * 2 / (fan_in + fan_out): for tanh and sigmoid."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """U(-a, a), a = gain * sqrt(6 / (fan_in + fan_out))."""
        bound = self.factor() * math.sqrt(6.0 / (fan_in + fan_out))
        return random.uniform(-bound, bound, shape)
