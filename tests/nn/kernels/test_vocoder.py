"""Both makes of the phase vocoder, against its definition in double precision."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

pytest.importorskip("numba")

from dlrun.arrays import Array
from dlrun.nn.kernels import numba_kernels, numpy_kernels

LENGTH = 3000
MAKES = pytest.mark.parametrize(
    "kernels", [numpy_kernels().augment, numba_kernels().augment], ids=["numpy", "numba"]
)


def hann(n: int) -> Array:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)).astype(np.float32)


def places(n: int, factor: float, length: int) -> Array:
    """Frames a quarter of a window apart in the result; the first three begin before it."""
    starts = (np.arange(-(-length // (n // 4)) + 3) - 3) * (n // 4)
    return np.clip(np.rint(starts * factor).astype(np.int64), -n, LENGTH)


def sounds() -> Array:
    """Noise, and two tones after silence, as two channels."""
    random, time = np.random.default_rng(3), np.arange(LENGTH)
    tones = np.where(time < 1000, 0.0, 0.3 * np.sin(0.31 * time) + 0.2 * np.sin(0.97 * time + 1))
    return np.stack((random.normal(0, 0.2, LENGTH), tones), axis=1).astype(np.float32)


def by_definition(wave: Array, at: Array, window: Array, length: int) -> Array:
    """One channel, value by value: phases of peaks advance, the others keep their distance."""
    n = len(window)
    hop, silence = n // 4, np.zeros(2 * n)
    padded, window = np.concatenate((silence, wave, silence)), window.astype(np.float64)
    read = [[np.fft.rfft(padded[p + 2 * n - back :][:n] * window) for back in (0, hop)] for p in at]
    loudest = max(np.abs(now).max() for now, _ in read)
    result = np.zeros((len(at) + 4) * hop)
    phases = np.angle(read[0][0])
    for f, (now, before) in enumerate(read):
        size, own = np.abs(now), np.angle(now)
        if f:
            advanced = phases + own - np.angle(before)
            quiet = np.minimum(np.abs(before), np.abs(read[f - 1][0])) <= 1e-7 * loudest
            turned = np.where(quiet, 0.0, advanced - own)
            phases = own + turned[nearest_peaks(size)]
        frame = np.fft.irfft(size * np.exp(1j * phases), n) * window
        result[f * hop : f * hop + n] += frame / 1.5
    return result[3 * hop :][:length]


def nearest_peaks(size: Array) -> list[int]:
    padded = np.pad(size, 2, constant_values=-1.0)
    peaks = [
        k for k in range(len(size)) if all(size[k] > padded[k + 2 + d] for d in (-2, -1, 1, 2))
    ]
    if not peaks:
        return list(range(len(size)))
    return [min(peaks, key=lambda peak: (abs(peak - k), peak)) for k in range(len(size))]


def stretched(kernels: ModuleType, wave: Array, n: int, factor: float, length: int) -> Array:
    y = np.full((length, wave.shape[1]), 77, np.float32)
    kernels.stretch(wave, places(n, factor, length), hann(n), y)
    return y


@MAKES
@pytest.mark.parametrize("n", [16, 32, 64, 128, 256, 512])
@pytest.mark.parametrize("factor", [0.6, 0.93, 1.3])
def test_it_is_the_vocoder_of_the_definition(kernels: ModuleType, n: int, factor: float) -> None:
    wave, length = sounds(), 2100
    found = stretched(kernels, wave, n, factor, length)
    for channel in range(2):
        expected = by_definition(wave[:, channel], places(n, factor, length), hann(n), length)
        np.testing.assert_allclose(found[:, channel], expected, atol=1e-4)


@MAKES
@pytest.mark.parametrize("n", [16, 128, 1024])
@pytest.mark.parametrize("level", [1e-20, 1.0, 1e6])
def test_the_same_pace_changes_nothing(kernels: ModuleType, n: int, level: float) -> None:
    wave = sounds() * np.float32(level)
    np.testing.assert_allclose(stretched(kernels, wave, n, 1.0, LENGTH), wave, atol=4e-5 * level)


@MAKES
@pytest.mark.parametrize("length", [1, 5, 300])
def test_any_length(kernels: ModuleType, length: int) -> None:
    whole = stretched(kernels, sounds(), 128, 0.8, 2000)
    np.testing.assert_allclose(
        stretched(kernels, sounds(), 128, 0.8, length), whole[:length], atol=1e-3
    )
    assert not stretched(kernels, np.zeros((LENGTH, 1), np.float32), 128, 0.8, length).any()
