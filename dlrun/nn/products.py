"""Products of matrices, cut into pieces for threads."""

from __future__ import annotations

from functools import partial

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.pieces import cut
from dlrun.nn.threads import Work

PIECE = 8e6
"""Multiply-adds that are worth handing to another thread: about 0.1 ms."""

_MOST_PIECES = 4
"""Smaller products than these would not reach the speed of large ones."""


_SMALL = 1_000_000
"""Multiply-adds up to which OpenBLAS, where it has AVX-512, reads the operands where they lie;
larger products copy both of them first."""

_LANE = 16
"""Numbers in the widest vector register."""


def few_rows(a: Array, b: Array, out: Array) -> Work:
    """a b where a has few rows: as small products side by side, cut along the columns of b."""
    rows, columns = out.shape
    most = _SMALL // (rows * len(b))
    width = max(
        (n for n in range(_LANE, columns + 1, _LANE) if columns % n == 0 and n <= most),
        default=columns,
    )
    beside = b.reshape(len(b), -1, width).swapaxes(0, 1)
    return partial(np.matmul, a, beside, out.reshape(rows, -1, width).swapaxes(0, 1))


def sum_of_rows(rows: Array, out: Array) -> Work:
    """The sum over the rows, as a product with ones: as fast as BLAS."""
    return partial(np.matmul, np.ones(len(rows), rows.dtype), rows, out)


def products(a: Array, b: Array, out: Array) -> list[Work]:
    """a b, in pieces along the longer side of the result.

    BLAS copies the operand that all pieces share for each of them, so that should be the small one.
    """
    rows, columns = out.shape
    work = float(rows * columns * len(b))
    if rows > columns:
        parts = cut(rows, work, PIECE, _MOST_PIECES)
        return [partial(np.matmul, a[i], b, out[i]) for i in parts]
    parts = cut(columns, work, PIECE, _MOST_PIECES)
    return [partial(np.matmul, a, b[:, i], out[:, i]) for i in parts]
