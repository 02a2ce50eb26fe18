"""Matrix multiplications, cut into pieces for threads."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels import Kernels
from dlrun.nn.parallel.partition import cut
from dlrun.nn.parallel.threads import Work

PIECE = 8e6
"""Smallest number of multiply-adds for which another thread pays off: about 0.1 ms."""

_MOST_PIECES = 4
"""Smaller multiplications than these would not reach the speed of large ones."""


_SMALL = 1_000_000
"""Multiply-adds up to which OpenBLAS with AVX-512 reads the operands directly; for larger
multiplications it copies both of them first."""

_LANE = 16
"""Numbers in the widest vector register."""


def few_rows(kernels: Kernels, a: Array, b: Array, out: Array) -> Work:
    """a b for an a with few rows: several small multiplications, cut along the columns of b."""
    rows, columns = out.shape
    most = _SMALL // (rows * len(b))
    width = max(
        (n for n in range(_LANE, columns + 1, _LANE) if columns % n == 0 and n <= most),
        default=columns,
    )
    beside = b.reshape(len(b), -1, width).swapaxes(0, 1)
    work: Work = kernels.matmul.product(a, beside, out.reshape(rows, -1, width).swapaxes(0, 1))
    return work


def sum_of_rows(kernels: Kernels, rows: Array, out: Array) -> Work:
    """The sum over the rows, as a multiplication with ones: as fast as BLAS."""
    work: Work = kernels.matmul.product(np.ones(len(rows), rows.dtype), rows, out)
    return work


def products(kernels: Kernels, a: Array, b: Array, out: Array) -> list[Work]:
    """a b, in pieces along the longer side of the result.

    BLAS copies the operand that all pieces share for each piece, so that should be the small one.
    """
    rows, columns = out.shape
    work = float(rows * columns * len(b))
    if rows > columns:
        parts = cut(rows, work, PIECE, _MOST_PIECES)
        return [kernels.matmul.product(a[i], b, out[i]) for i in parts]
    parts = cut(columns, work, PIECE, _MOST_PIECES)
    return [kernels.matmul.product(a, b[:, i], out[:, i]) for i in parts]
