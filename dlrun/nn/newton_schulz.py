"""Matrices whose singular values are all about 1, by products alone."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array

_A, _B, _C = 3.4445, -4.7750, 2.0315
"""Of Jordan et al., 2024: the steepest at 0, so that five iterations do; they lead to between 0.7
and 1.2, not to 1."""

_SMALL = 1e-7
"""A length below this counts as this."""


class NewtonSchulz:
    """Brings a matrix U S V^T near U V^T, in place, each time it is called.

    X, divided by its length, becomes a X + (b X X^T + c (X X^T)^2) X, again and again: a polynomial
    of the singular values.  What it works in is allocated once.

    Args:
        matrix: to be changed.
        iterations: how often.
    """

    def __init__(self, matrix: Array, iterations: int) -> None:
        self._x = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
        self._iterations = iterations
        side = len(self._x)
        self._gram, self._square = (np.empty((side, side), matrix.dtype) for _ in range(2))
        self._product = np.empty(self._x.shape, matrix.dtype)

    def __call__(self) -> None:
        """Change the matrix."""
        x, gram, square, product = self._x, self._gram, self._square, self._product
        x /= max(float(np.linalg.norm(x)), _SMALL)
        for _ in range(self._iterations):
            np.matmul(x, x.T, out=gram)
            np.matmul(gram, gram, out=square)
            square *= _C
            gram *= _B
            gram += square
            np.matmul(gram, x, out=product)
            x *= _A
            x += product
