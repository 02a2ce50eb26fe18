"""Matrix multiplications by NumPy's BLAS: see ``reference.matmul``.

The results are those of ``np.matmul``, bit for bit.  A kernel that calls BLAS differs in what comes
after it: a thread waits awake for its turn in the interpreter, see ``turns``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.blas import (
    ONE,
    ROW_MAJOR,
    STRAIGHT,
    TRANSPOSED,
    ZERO,
    address,
    gemm,
    gemv,
)
from dlrun.nn.kernels.compiled.jit import kernel

_GEMM, _GEMV = address("sgemm"), address("sgemv")

_MOST_LEADING = 2
"""Maximum number of axes before those of the matrices."""


def product(a: Array, b: Array, out: Array) -> Callable[[], object]:
    """Work that computes ``np.matmul(a, b, out=out)``."""
    numbers = None
    if _fit(a, b, out) and _GEMM and _GEMV:
        numbers = _of_row(a, b, out) if a.ndim == 1 else _of_matrices(a, b, out)
    if numbers is None:
        return partial(np.matmul, a, b, out)
    return _Call(_row if a.ndim == 1 else _matrices, numbers, (a, b, out))


def _fit(a: Array, b: Array, out: Array) -> bool:
    """Whether types, matrices and memory are as BLAS needs them; ``np.matmul`` copies or raises."""
    return (
        bool(a.dtype == b.dtype == out.dtype == np.float32)
        and b.ndim > 1
        and a.shape[-1] == b.shape[-2]
        and out.shape[-min(2, a.ndim) :] == (*a.shape[-2:-1], b.shape[-1])
        and not any(np.may_share_memory(out, each) for each in (a, b))
    )


class _Call:
    """A call of a kernel that gets addresses of arrays, which it keeps in memory."""

    __slots__ = ("_kept", "_kernel", "_numbers")

    def __init__(
        self, kernel: Callable[[Array], object], numbers: Sequence[int], kept: Sequence[Array]
    ) -> None:
        self._kernel, self._numbers, self._kept = kernel, np.array(numbers, np.int64), kept

    def __call__(self) -> None:
        self._kernel(self._numbers)


def _of_matrices(a: Array, b: Array, out: Array) -> list[int] | None:
    """The arguments of ``_matrices``; None if ``np.matmul`` would not call gemm."""
    leading = out.shape[:-2]
    if len(leading) > _MOST_LEADING:
        return None
    rows, inner, columns = *a.shape[-2:], b.shape[-1]
    if min(rows, inner, columns) < 2 or a.ctypes.data == b.ctypes.data:
        return None  # a vector, or possibly a matrix times its own transpose, has another routine
    numbers = [_GEMM, *(1,) * (_MOST_LEADING - len(leading)), *leading, rows, columns, inner]
    for x in (a, b, out):
        order = _order(x)
        if order is None or (x is out and order[0] != STRAIGHT):
            return None
        steps = np.broadcast_to(x, (*leading, *x.shape[-2:])).strides[:-2]
        numbers += [*order, x.ctypes.data, *(0,) * (_MOST_LEADING - len(steps)), *steps]
    return numbers


def _of_row(a: Array, b: Array, out: Array) -> list[int] | None:
    """The arguments of ``_row``; None if ``np.matmul`` would call gemv in another way."""
    if b.ndim != 2 or min(b.shape) < 2 or not all(x.flags.c_contiguous for x in (a, b, out)):
        return None
    return [_GEMV, *b.shape, b.ctypes.data, a.ctypes.data, out.ctypes.data]


def _order(x: Array) -> tuple[int, int] | None:
    """Of the last two axes: straight or transposed, and elements from one row to the next."""
    *_, rows, columns = x.shape
    *_, down, across = x.strides
    size = x.itemsize
    if across == size and down % size == 0 and down >= size * columns:
        return STRAIGHT, down // size
    if down == size and across % size == 0 and across >= size * rows:
        return TRANSPOSED, across // size
    return None


@kernel
def _matrices(numbers: Array) -> None:
    at, outer, parts = numbers[0], numbers[1], numbers[2]
    rows, columns, inner = numbers[3], numbers[4], numbers[5]
    a, b, out = numbers[6:11], numbers[11:16], numbers[16:21]  # order, step of rows, address, steps
    for i in range(outer):
        for j in range(parts):
            gemm(
                at,
                (
                    ROW_MAJOR,
                    *(a[0], b[0]),
                    *(rows, columns, inner),
                    *(ONE, a[2] + i * a[3] + j * a[4], a[1]),
                    *(b[2] + i * b[3] + j * b[4], b[1]),
                    *(ZERO, out[2] + i * out[3] + j * out[4], out[1]),
                ),
            )


@kernel
def _row(numbers: Array) -> None:
    at, rows, columns = numbers[0], numbers[1], numbers[2]
    matrix, row, out = numbers[3], numbers[4], numbers[5]
    gemv(
        at,
        (ROW_MAJOR, TRANSPOSED, rows, columns, ONE, matrix, columns, row, 1, ZERO, out, 1),
    )
