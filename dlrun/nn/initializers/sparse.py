"""Few connections to each unit."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializer import Initializer, initializer
from dlrun.spec.fields import Fraction, Positive


@initializer("sparse")
class Sparse(Initializer):
    """Normal, but for a share of every output's weights, drawn at random, that is 0.

    Martens, "Deep learning via Hessian-free optimization", ICML 2010: the input of a unit then does
    not grow with the size of the layer below, and units differ more from one another.
    """

    sparsity: Fraction
    """Share of the weights of each output that is 0, rounded up to whole weights."""
    std: Positive = 0.01
    """Standard deviation of the others."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """N(0, std^2) and zeros, as many in each column of the matrix (inputs, outputs)."""
        values = random.normal(0.0, self.std, (math.prod(shape[:-1]), shape[-1]))
        zeros = math.ceil(self.sparsity * len(values))
        order = random.random(values.shape).argsort(axis=0)
        np.put_along_axis(values, order[:zeros], 0.0, axis=0)
        return values.reshape(shape)
