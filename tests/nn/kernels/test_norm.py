from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dlrun.nn.kernels import numba_kernels, numpy_kernels

PLAIN, FAST = numpy_kernels().norm, numba_kernels().norm

# A part of a vector, a whole one, several, several and a part, and more than are near each other.
CHANNELS = (1, 3, 8, 15, 16, 17, 32, 37, 64, 200, 4100)
ROWS = (1, 2, 63, 64, 65, 200)


def same(found: list[np.ndarray], expected: list[np.ndarray], dtype: str) -> None:
    error = 2e-5 if dtype == "float32" else 1e-12
    for one, other in zip(found, expected, strict=True):
        if one.dtype.kind in "ui":
            np.testing.assert_array_equal(one, other)
        else:
            np.testing.assert_allclose(one, other, atol=error * max(1.0, np.abs(other).max()))


def guarded(shape: tuple[int, ...], dtype: Any) -> tuple[np.ndarray, np.ndarray]:
    """An array to be written, and its memory with as much before and after it."""
    size = int(np.prod(shape))
    memory = np.full(3 * size, 77, dtype)
    return memory[size : 2 * size].reshape(shape), memory


def untouched(memory: np.ndarray) -> bool:
    size = len(memory) // 3
    return bool((memory[:size] == 77).all() and (memory[2 * size :] == 77).all())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("channels", CHANNELS)
def test_rows_of_any_number_of_channels(channels: int, dtype: str) -> None:
    random = np.random.default_rng(channels)

    def values(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(dtype)

    for rows in ROWS if channels < 1000 else (3, 65):
        x, dy = values(rows, channels), values(rows, channels)
        statistics = values(channels), np.abs(values(channels)) + 0.5
        affine = values(channels), values(channels)
        slopes = values(channels), values(channels), 1 / 300
        for rectify in (False, True):
            results = []
            for kernels in (PLAIN, FAST):
                written = [
                    guarded(shape, kind)
                    for shape, kind in (
                        ((3, channels), "float64"),
                        ((rows, channels), dtype),
                        ((3, channels), "float64"),
                        ((rows, channels), dtype),
                    )
                ]
                sums, y, dsums, dx = (array for array, _ in written)
                kernels.sums(x, sums)
                kernels.normalize(x, *statistics, *affine, y, rectify)
                kernels.slope_sums(x, *statistics, *affine, dy, rectify, dsums)
                kernels.normalize_backward(
                    x, *statistics, *affine, dy, rectify, *slopes[:2], slopes[2], dx
                )
                assert all(untouched(memory) for _, memory in written)
                results.append([sums, y, dsums[:2], dx])
            same(results[1], results[0], dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("index", ["uint8", "int32"])
@pytest.mark.parametrize("channels", [1, 8, 15, 16, 19, 40])
def test_windows_of_any_number_of_channels(channels: int, index: str, dtype: str) -> None:
    random = np.random.default_rng(channels)

    def values(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(dtype)

    for windows, out in (((2, 2), (3, 4)), ((3, 2), (2, 5)), ((1, 4), (6, 1))):
        x = values(2, out[0] * windows[0], out[1] * windows[1], channels)
        dy = values(2, *out, channels)
        statistics = values(channels), np.abs(values(channels)) + 0.5
        scale, shift, dshift, dscale = (values(channels) for _ in range(4))
        results = []
        for kernels in (PLAIN, FAST):
            written = [
                guarded(shape, kind)
                for shape, kind in (
                    (dy.shape, dtype),
                    (dy.shape, index),
                    ((3, channels), "float64"),
                    (x.shape, dtype),
                )
            ]
            y, where, dsums, dx = (array for array, _ in written)
            kernels.normalize_pool(x, *statistics, scale, shift, y, where, windows)
            kernels.pooled_slope_sums(x, *statistics, dy, where, windows, dsums)
            kernels.pooled_normalize_backward(
                x, *statistics, scale, dy, where, windows, dshift, dscale, 1 / 300, dx
            )
            assert all(untouched(memory) for _, memory in written)
            results.append([y, where, dsums[:2], dx])
        same(results[1], results[0], dtype)


@pytest.mark.parametrize("channels", [16, 19])
def test_values_that_are_not_numbers_stay(channels: int) -> None:
    x = np.zeros((70, channels), np.float32)
    x[2, 1] = x[5, 2] = x[69, channels - 1] = np.nan
    x[8, 3] = np.inf
    ones, zeros = np.ones(channels, np.float32), np.zeros(channels, np.float32)
    y, sums = np.empty_like(x), np.empty((3, channels))
    for rectify in (False, True):
        FAST.normalize(x, zeros, ones, ones, zeros, y, rectify)
        np.testing.assert_array_equal(y, x)
    FAST.sums(x, sums)
    assert np.isnan(sums[1, 2]) and not np.isfinite(sums[2, 3])
    pixels = x.reshape(1, 35, 2, channels)
    pooled, where = np.empty((1, 35, 1, channels), np.float32), np.empty((1, 35, 1, channels), "u1")
    FAST.normalize_pool(pixels, zeros, ones, ones, zeros, pooled, where, (1, 2))
    np.testing.assert_array_equal(pooled[0, :, 0], x.reshape(35, 2, channels).max(axis=1))
