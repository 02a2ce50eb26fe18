"""Fourier transforms of our own, against NumPy's."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba")

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.fourier import LEAST, join, roots, separate, transform
from dlrun.nn.kernels.compiled.jit import kernel

SIZES = [LEAST << power for power in range(7)]
"""Powers of 4, and those that need a stage of two."""


@kernel
def separated(x: Array, y: Array, p: Array, q: Array, r: Array, s: Array) -> None:
    separate(x, y, p, q, r, s)


@kernel
def joined(p: Array, q: Array, r: Array, s: Array, x: Array, y: Array) -> None:
    join(p, q, r, s, x, y)


def series(n: int) -> tuple[Array, Array]:
    random = np.random.default_rng(n)
    return random.normal(size=n).astype(np.float32), random.normal(size=n).astype(np.float32)


@pytest.mark.parametrize("n", SIZES)
def test_it_is_the_fourier_transform(n: int) -> None:
    x, y = series(n)
    expected = np.fft.fft(x.astype(np.float64) + 1j * y)
    real, imaginary = transform(x, y, np.empty_like(x), np.empty_like(y), *roots(n))
    assert np.abs(real + 1j * imaginary - expected).max() < 3e-7 * np.abs(expected).max()


@pytest.mark.parametrize("n", SIZES)
def test_exchanged_parts_invert_it(n: int) -> None:
    x, y = series(n)
    work = np.empty((2, n), np.float32)
    found = [part.copy() for part in transform(x.copy(), y.copy(), *work, *roots(n))]
    imaginary, real = transform(found[1], found[0], *work, *roots(n))
    np.testing.assert_allclose(real / n, x, atol=1e-6)
    np.testing.assert_allclose(imaginary / n, y, atol=1e-6)


@pytest.mark.parametrize("n", SIZES)
def test_two_real_series_share_a_transform(n: int) -> None:
    x, y = series(n)
    both = np.fft.fft(x + 1j * y)
    parts = np.empty((4, n // 2 + 1), np.float32)
    given = both.real.astype(np.float32), both.imag.astype(np.float32)
    separated(*given, *parts)
    limit = 3e-7 * np.abs(both).max()
    assert np.abs(parts[0] + 1j * parts[1] - np.fft.rfft(x)).max() < limit
    assert np.abs(parts[2] - 1j * parts[3] - np.fft.rfft(y)).max() < limit
    parts[3] *= -1
    parts[1, [0, -1]] = parts[3, [0, -1]] = 9.0  # no real series has these
    found = np.empty((2, n), np.float32)
    joined(*parts, *found)
    assert np.abs(found[0] + 1j * found[1] - both).max() < 2 * limit
