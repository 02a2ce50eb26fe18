"""What an initializer is: the rule by which a parameter gets its first values."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry


class Initializer(Component):
    """The root of all initializers."""

    family: ClassVar = Registry["Initializer"]("initializer")

    def sample(self, random: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Array:
        """First values of a parameter, as float64.

        Args:
            random: where random numbers come from.
            shape: the parameter's shape; the last axis counts the outputs.
            fan_in: inputs that reach one output.
            fan_out: outputs that one input reaches.
        """
        raise NotImplementedError


initializer = Initializer.family
