"""He: variance that keeps the signal behind rectifiers, which drop half of it.

He, Zhang, Ren & Sun, "Delving deep into rectifiers", ICCV 2015: Var(w) = 2 / fan_in.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializer import initializer
from dlrun.nn.initializers.scaled import Scaled
from dlrun.spec.fields import Positive


@initializer("he_normal", "kaiming_normal")
class HeNormal(Scaled):
    """Normal with variance gain^2 / fan, for relu and its kin."""

    gain: Positive | Literal["auto"] = math.sqrt(2.0)
    """A factor on the standard deviation; sqrt(2) is that of relu, ``auto`` that of the activation
    that follows the layer."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """N(0, gain^2 / fan)."""
        return random.normal(0.0, self.factor() / math.sqrt(self.fan(fan_in, fan_out)), shape)


@initializer("he_uniform", "kaiming_uniform")
class HeUniform(Scaled):
    """Uniform with variance gain^2 / fan, for relu and its kin."""

    gain: Positive | Literal["auto"] = math.sqrt(2.0)
    """A factor on the bound; sqrt(2) is that of relu, ``auto`` that of the activation that follows
    the layer."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """U(-a, a), a = gain * sqrt(3 / fan)."""
        bound = self.factor() * math.sqrt(3.0 / self.fan(fan_in, fan_out))
        return random.uniform(-bound, bound, shape)
