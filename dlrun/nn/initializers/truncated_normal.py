"""Normally distributed values without the tails."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from dlrun.arrays import Array, Shape
from dlrun.nn.initializers.base import Initializer, initializer
from dlrun.spec.fields import Positive32


@initializer("truncated_normal")
class TruncatedNormal(Initializer):
    """Normal, with values farther than ``cut`` standard deviations from the mean drawn again.

    The standard deviation is not corrected for the cut: with ``cut: 2`` it is 0.88 std.
    """

    std: Positive32 = 0.05
    """Standard deviation before the cut."""
    mean: float = 0.0
    """Mean."""
    cut: Annotated[float, Field(ge=0.1)] = 2.0
    """Largest distance from the mean, in standard deviations."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """N(mean, std^2) within mean - cut std ... mean + cut std."""
        values = random.standard_normal(shape).reshape(-1)
        outside = np.flatnonzero(np.abs(values) > self.cut)
        while len(outside):
            values[outside] = random.standard_normal(len(outside))
            outside = outside[np.abs(values[outside]) > self.cut]
        return (self.mean + self.std * values).reshape(shape)
