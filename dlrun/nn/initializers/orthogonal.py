"""Orthogonal matrices, which preserve lengths."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializers.base import Gained, initializer


@initializer("orthogonal")
class Orthogonal(Gained):
    """A random orthogonal matrix times the gain.

    Saxe, McClelland & Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks", ICLR 2014.  All axes except the last are flattened to rows; rows or
    columns, whichever are fewer, are orthonormal.  Each gate of lstm and gru, the queries, keys and
    values of attention, and each group of a convolution are separate matrices.
    """

    of_matrix: ClassVar = True

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """Uniformly distributed over all such matrices."""
        return self.factor() * orthonormal(random, shape)


def orthonormal(random: np.random.Generator, shape: Shape) -> Array:
    """A random matrix with orthonormal rows or columns, float64, of the given shape."""
    rows, columns = math.prod(shape[:-1]), shape[-1]
    tall = random.standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(tall)
    # The signs that QR returns would make some matrices more likely (Mezzadri, 2007).
    q *= np.where(np.diag(r) < 0, -1.0, 1.0)
    return (q if rows >= columns else q.T).reshape(shape)
