"""Few connections per unit."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializers.base import Initializer, initializer
from dlrun.spec.fields import Fraction, Positive32


@initializer("sparse")
class Sparse(Initializer):
    """Normal, with a fraction of each output's weights set to 0.

    Martens, "Deep learning via Hessian-free optimization", ICML 2010.  The size of a unit's input
    does not grow with the number of inputs, and units differ more from one another.
    """

    sparsity: Fraction
    """Fraction of each output's weights that is 0, rounded up to whole weights."""
    std: Positive32 = 0.01
    """Standard deviation of the other weights."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """N(0, std^2) with equally many zeros in each column of the matrix (inputs, outputs)."""
        values = random.normal(0.0, self.std, (math.prod(shape[:-1]), shape[-1]))
        zeros = math.ceil(self.sparsity * len(values))
        order = random.random(values.shape).argsort(axis=0)
        np.put_along_axis(values, order[:zeros], 0.0, axis=0)
        return values.reshape(shape)
