"""Layer-sequential unit variance: the scale that data asks for."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, PositiveInt

from dlrun.arrays import Array, Shape
from dlrun.nn.initializer import Initializer, initializer
from dlrun.nn.initializers.orthogonal import orthonormal
from dlrun.spec.fields import Positive


@initializer("lsuv")
class Lsuv(Initializer):
    """Orthogonal, then scaled so that the layer's outputs have variance 1 on training samples.

    Mishkin & Matas, "All you need is a good init", ICLR 2016.  The layers are scaled one after the
    other, from the input on, in evaluation mode.  So the scale fits whatever stands between them:
    any activation, pooling, residual connections.
    """

    of_matrix: ClassVar = True

    samples: Annotated[PositiveInt, Field(ge=2)] = 256
    """Samples of the training part to look at, drawn by the seed; all, where there are fewer."""
    tolerance: Positive = 0.01
    """By how much the variance may miss 1."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """Orthonormal."""
        return orthonormal(random, shape)

    def samples_wanted(self) -> int:
        """Some."""
        return self.samples

    def rescale(self, outputs: Array) -> float | None:
        """1 / standard deviation; None where the variance is 1, or nothing varies at all."""
        variance = float(outputs.var(dtype=np.float64))
        if not 0 < variance < math.inf or abs(variance - 1) <= self.tolerance:
            return None
        return 1 / math.sqrt(variance)
