"""Newton-Schulz iteration: sets all singular values of a matrix to about 1."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array

_A, _B, _C = 3.4445, -4.7750, 2.0315
"""From Jordan et al., 2024: steepest at 0, so that five iterations suffice; the singular values end
between 0.7 and 1.2, not at 1."""

_SMALL = 1e-7
"""Smallest norm to divide by."""


class NewtonSchulz:
    """Changes a matrix U S V^T to about U V^T, in place, each time it is called.

    X, divided by its norm, is replaced by a X + (b X X^T + c (X X^T)^2) X in each iteration: a
    polynomial of the singular values.  Temporary arrays are allocated once.

    Args:
        matrix: to be changed.
        iterations: their number.
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
