"""Arithmetic: exponentials, small matrix multiplications, and the check for finite values."""

from __future__ import annotations

from collections.abc import Iterator

import numba
import numpy as np

from benchmarks.decisions.case import Case
from dlrun.arrays import Array
from dlrun.nn.kernels import numba_kernels, numpy_kernels
from dlrun.nn.kernels.compiled import elementary
from dlrun.nn.kernels.reference.conv import Window

_VALUES = 65_536


def functions() -> Iterator[Case]:
    """Functions of 65,536 float32 values in the cache."""
    fast, plain = numba_kernels().activation, numpy_kernels().activation
    x = np.random.default_rng(0).normal(size=_VALUES).astype(np.float32)
    y = np.empty_like(x)

    @numba.njit(error_model="numpy")
    def exp(x: Array, y: Array) -> None:
        for i in range(x.size):
            y[i] = elementary.exp(x[i])

    @numba.njit(error_model="numpy")
    def tanh(x: Array, y: Array) -> None:
        for i in range(x.size):
            y[i] = elementary.tanh(x[i])

    @numba.njit(error_model="numpy")
    def tanh_of_the_library(x: Array, y: Array) -> None:
        for i in range(x.size):
            y[i] = np.tanh(x[i])

    yield Case("exp, numpy", lambda: np.exp(x, out=y))
    yield Case("exp, compiled", lambda: exp(x, y))
    yield Case("tanh, numpy", lambda: np.tanh(x, out=y))
    yield Case("tanh, compiled", lambda: tanh(x, y))
    yield Case("tanh, C library", lambda: tanh_of_the_library(x, y))
    yield Case("silu, numpy", lambda: plain.silu(x, y))
    yield Case("silu, compiled", lambda: fast.silu(x, y))
    yield Case("mish, numpy", lambda: plain.mish(x, y))
    yield Case("mish, compiled", lambda: fast.mish(x, y))
    yield Case("elu, numpy", lambda: plain.elu(x, y, 1.0, 1.0))
    yield Case("elu, compiled", lambda: fast.elu(x, y, 1.0, 1.0))
    yield Case("gelu, compiled", lambda: fast.gelu(x, y))
    yield Case("gelu_tanh, compiled", lambda: fast.gelu_tanh(x, y))


def multiplications() -> Iterator[Case]:
    """Matrix multiplications as layers divide them, on one thread of BLAS."""
    yield _multiply("1024 x 1024 x 1024", 1024, 1024, 1024)
    yield _multiply("128 x 784 x 512", 128, 784, 512)
    yield _multiply("128 x 784 x 512, 4 pieces by rows", 128, 784, 512, rows=4)
    yield _multiply("128 x 784 x 512, 4 pieces by columns", 128, 784, 512, columns=4)
    for k, n in ((128, 512), (256, 1024)):
        yield _multiply(f"32 x {k} x {n}", 32, k, n)
        yield _multiply(f"32 x {k} x {n}, 4 pieces by columns", 32, k, n, columns=4)
    a, b = _matrix(64, 32), _matrix(64, 32)
    turned, out = np.ascontiguousarray(b.T), np.empty((64, 64), np.float32)
    yield Case(
        "64 x 32 x 64, right side transposed", lambda: np.matmul(a, b.T, out=out), 64 * 32 * 64
    )
    yield Case("64 x 32 x 64", lambda: np.matmul(a, turned, out=out), 64 * 32 * 64)


def _matrix(rows: int, columns: int) -> Array:
    return np.random.default_rng(0).normal(size=(rows, columns)).astype(np.float32)


def _multiply(name: str, m: int, k: int, n: int, rows: int = 1, columns: int = 1) -> Case:
    a, b, out = _matrix(m, k), _matrix(k, n), np.empty((m, n), np.float32)
    tall, wide = m // rows, n // columns
    # A piece by columns is a matrix of its own in memory, as weights that are divided are.
    parts = [np.ascontiguousarray(b[:, j * wide : (j + 1) * wide]) for j in range(columns)]
    pieces = [
        (a[i * tall : (i + 1) * tall], part, np.empty((tall, wide), np.float32))
        for i in range(rows)
        for part in parts
    ]
    if rows == columns == 1:
        pieces = [(a, b, out)]

    def work() -> None:
        for left, right, result in pieces:
            np.matmul(left, right, out=result)

    return Case(name, work, m * k * n)


def convolutions() -> Iterator[Case]:
    """16 to 16 channels over 32 x 32 pixels, 3 x 3 taps, 8 images."""
    x = np.random.default_rng(0).normal(size=(8, 32, 32, 16)).astype(np.float32)
    kernel = np.random.default_rng(1).normal(size=(3, 3, 16, 16)).astype(np.float32)
    y, bias, window = np.empty_like(x), np.zeros(16, np.float32), _window(1)
    work = x.size * 9 * 16
    fast = numba_kernels().conv
    yield Case("conv, unrolled for BLAS", lambda: _unrolled(x, kernel, y), work)
    yield Case("conv, Winograd", lambda: fast.correlate(x, kernel, bias, y, window, 1, False), work)
    # With a dilation of 2 the same sums are done without Winograd's algorithm.
    wide = _window(2)
    yield Case("conv, tiles", lambda: fast.correlate(x, kernel, bias, y, wide, 1, False), work)


def _window(dilation: int) -> Window:
    return Window((1, 1), (dilation, dilation), (dilation, dilation))


def _unrolled(x: Array, kernel: Array, y: Array) -> None:
    padded = np.zeros((34, 34, 16), x.dtype)
    rows = np.empty((32, 32, 3, 3, 16), x.dtype)
    for image, result in zip(x, y, strict=True):
        padded[1:-1, 1:-1] = image
        for i in range(3):
            for j in range(3):
                rows[:, :, i, j] = padded[i : i + 32, j : j + 32]
        np.matmul(rows.reshape(1024, 144), kernel.reshape(144, 16), out=result.reshape(1024, 16))


def finite() -> Iterator[Case]:
    """The product that shows whether weights and gradients are finite, of an MLP 64-128-64-10."""
    weights = np.random.default_rng(0).normal(size=17_226).astype(np.float32)
    gradients = weights[::-1].copy()
    yield Case("dot product of 17,226 weights and gradients", lambda: weights @ gradients)
    yield Case(
        "check of both, one by one",
        lambda: np.isfinite(weights).all() and np.isfinite(gradients).all(),
    )
