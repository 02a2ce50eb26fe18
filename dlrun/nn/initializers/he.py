"""He: variance that keeps the signal behind rectifiers, which drop half of it.

He, Zhang, Ren & Sun, "Delving deep into rectifiers", ICCV 2015: Var(w) = 2 / fan_in.
"""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializer import Initializer, initializer
from dlrun.spec.fields import Positive


@initializer("he_normal", "kaiming_normal")
class HeNormal(Initializer):
    """Normal with variance gain^2 / fan_in."""

    gain: Positive = math.sqrt(2.0)
    """A factor on the standard deviation; sqrt(2) is that of relu."""

    def sample(self, random: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Array:
        """N(0, gain^2 / fan_in)."""
        return random.normal(0.0, self.gain / math.sqrt(fan_in), shape)


@initializer("he_uniform", "kaiming_uniform")
class HeUniform(Initializer):
    """Uniform with variance gain^2 / fan_in."""

    gain: Positive = math.sqrt(2.0)
    """A factor on the bound; sqrt(2) is that of relu."""

    def sample(self, random: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Array:
        """U(-a, a), a = gain * sqrt(3 / fan_in)."""
        bound = self.gain * math.sqrt(3.0 / fan_in)
        return random.uniform(-bound, bound, shape)
