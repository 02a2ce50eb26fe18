"""Layer-sequential unit variance: initial weights scaled by data."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from dlrun.arrays import Array, Shape
from dlrun.nn.initializers.base import Initializer, initializer
from dlrun.nn.initializers.orthogonal import orthonormal
from dlrun.spec.fields import Positive


@initializer("lsuv")
class Lsuv(Initializer):
    """Orthogonal, then scaled so that the layer's outputs have variance 1 on training samples.

    Mishkin & Matas, "All you need is a good init", ICLR 2016.  The layers are scaled one after the
    other, starting from the input, in evaluation mode.  So the scale accounts for everything
    between them: activations, pooling, residual connections.
    """

    of_matrix: ClassVar = True

    samples: Annotated[int, Field(ge=2)] = 256
    """Number of training samples to use, drawn by the seed; all if there are fewer."""
    tolerance: Positive = 0.01
    """Allowed difference of the variance from 1."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """Orthonormal."""
        return orthonormal(random, shape)

    def samples_wanted(self) -> int:
        """As set."""
        return self.samples

    def rescale(self, outputs: Array) -> float | None:
        """1 / standard deviation; None if the variance is 1, or if all outputs are equal."""
        variance = float(outputs.var(dtype=np.float64))
        if not 0 < variance < math.inf or abs(variance - 1) <= self.tolerance:
            return None
        return 1 / math.sqrt(variance)
