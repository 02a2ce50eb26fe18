"""He initialization: a variance for relu, which halves the signal's mean square.

He, Zhang, Ren & Sun, "Delving deep into rectifiers", ICCV 2015: Var(w) = 2 / fan_in.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializers.base import initializer
from dlrun.nn.initializers.scaled import Scaled
from dlrun.spec.fields import Positive32


@initializer("he_normal", "kaiming_normal")
class HeNormal(Scaled):
    """Normal with variance gain^2 / fan: for relu and its variants."""

    gain: Positive32 | Literal["auto"] = math.sqrt(2.0)
    """Factor on the standard deviation; sqrt(2) is for relu, ``auto`` for the activation after the
    layer."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """N(0, gain^2 / fan)."""
        return random.normal(0.0, self.factor() / math.sqrt(self.fan(fan_in, fan_out)), shape)


@initializer("he_uniform", "kaiming_uniform")
class HeUniform(Scaled):
    """Uniform with variance gain^2 / fan: for relu and its variants."""

    gain: Positive32 | Literal["auto"] = math.sqrt(2.0)
    """Factor on the bound; sqrt(2) is for relu, ``auto`` for the activation after the layer."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """U(-a, a), a = gain * sqrt(3 / fan)."""
        bound = self.factor() * math.sqrt(3.0 / self.fan(fan_in, fan_out))
        return random.uniform(-bound, bound, shape)
