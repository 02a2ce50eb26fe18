"""Stretched sounds: see ``reference.vocoder``."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.fourier import LEAST, join, roots, separate, transform
from dlrun.nn.kernels.compiled.jit import kernel, part
from dlrun.nn.kernels.reference import vocoder as reference
from dlrun.nn.kernels.reference.vocoder import AROUND, OVERLAP, QUIET, SILENT, SQUARES

__all__ = ["stretch"]


def stretch(wave: Array, places: Array, window: Array, y: Array) -> None:
    """Write a sound whose frames are those at given places of another one."""
    n, frames = window.size, places.size
    if n < LEAST:
        reference.stretch(wave, places, window, y)
        return
    start = n + n // OVERLAP  # places are at least -n, and the frame before each is read, too
    padded = np.zeros(start + wave.shape[0] + n, np.float32)
    spectra = np.empty((4, frames + 1, n // 2 + 1), np.float32)
    power = np.empty((frames, n // 2 + 1 + 2 * AROUND), np.float32)
    power[:, :AROUND] = power[:, -AROUND:] = -1.0
    total = np.empty((frames + OVERLAP) * (n // OVERLAP), np.float32)
    work, (powers, narrow) = np.empty((4, n), np.float32), roots(n)
    for channel in range(wave.shape[1]):
        padded[start : start + wave.shape[0]] = wave[:, channel]
        total[:] = 0.0
        _stretch(padded, places, window, spectra, power, work, powers, narrow, total)
        skipped = (OVERLAP - 1) * (n // OVERLAP)
        scale = np.float32(SQUARES / n)
        np.multiply(total[skipped : skipped + len(y)], scale, out=y[:, channel])


@kernel
def _stretch(
    padded: Array,
    places: Array,
    window: Array,
    spectra: Array,
    power: Array,
    work: Array,
    powers: Array,
    narrow: Array,
    total: Array,
) -> None:
    """Add the frames of the result, times ``n / SQUARES``.

    Args:
        padded: the waveform from n + hop values before its start to n after its end.
        places: see ``stretch``.
        window: see ``stretch``.
        spectra: (4, frames + 1, bins), written: real and imaginary parts of each frame, and those
            of the conjugate of the frame a hop earlier.  The last frame is silent.
        power: (frames, bins and ``AROUND`` on either side, which are negative), written.
        work: (4, n), written.
        powers: of ``roots``.
        narrow: of ``roots``.
        total: (enough,), added to.
    """
    n, frames, bins = window.size, places.size, spectra.shape[2]
    hop = n // OVERLAP
    most = np.float32(0)
    for f in range(frames):
        now, earlier = padded[places[f] + n + hop :], padded[places[f] + n :]
        x, y, strength = work[0], work[1], power[f, AROUND:]
        for i in range(n):
            x[i] = now[i] * window[i]
        for i in range(n):
            y[i] = earlier[i] * window[i]
        a, b = transform(x, y, work[2], work[3], powers, narrow)
        u, v = spectra[0, f], spectra[1, f]
        separate(a, b, u, v, spectra[2, f], spectra[3, f])
        for k in range(bins):
            strength[k] = u[k] * u[k] + v[k] * v[k]
            most = max(most, strength[k])
    quiet = max(QUIET * most, SILENT)
    peaks = np.empty(bins + 1, np.bool_)
    for f in range(1, frames):
        _find_peaks(power[f], peaks)
        old, back = (spectra[0, f - 1], spectra[1, f - 1]), (spectra[2, f], spectra[3, f])
        _turn(spectra[0, f], spectra[1, f], old, back, power[f - 1, AROUND:], quiet, peaks)
    spectra[0, frames] = 0
    spectra[1, frames] = 0
    for f in range(0, frames, 2):
        u, v = (spectra[0, f], spectra[1, f]), (spectra[0, f + 1], spectra[1, f + 1])
        join(u[0], u[1], v[0], v[1], work[0], work[1])
        b, a = transform(work[1], work[0], work[2], work[3], powers, narrow)
        one, other = total[f * hop :], total[(f + 1) * hop :]
        for i in range(n):
            one[i] += a[i] * window[i]
        for i in range(n):
            other[i] += b[i] * window[i]


@part
def _find_peaks(power: Array, peaks: Array) -> None:
    """Which bins exceed those around; all if none does.  The last element ends the list."""
    bins = peaks.size - 1
    found = False
    for k in range(bins):
        near = max(power[k + AROUND - 1], power[k + AROUND + 1])
        far = max(power[k], power[k + 2 * AROUND])
        peaks[k] = power[k + AROUND] > max(near, far)
        found |= peaks[k]
    if not found:
        peaks[:] = True
    peaks[bins] = True


@part
def _turn(
    x: Array,
    y: Array,
    old: tuple[Array, Array],
    back: tuple[Array, Array],
    power: Array,
    quiet: np.float32,
    peaks: Array,
) -> None:
    """Turn each peak to the phase that continues that of the previous frame, and others with it.

    Args:
        x: real parts of a frame, overwritten.
        y: its imaginary parts, overwritten.
        old: the previous frame of the result.
        back: conjugate of the frame of the waveform a hop earlier.
        power: of the previous frame.
        quiet: phases of less powerful bins are not continued.
        peaks: of ``_find_peaks``.
    """
    peak, first, bins = -1, 0, x.size
    for k in range(bins + 1):
        if not peaks[k]:
            continue
        if peak >= 0:
            end = (peak + k) // 2 + 1 if k < bins else bins
            a, b, c, d = old[0][peak], old[1][peak], back[0][peak], back[1][peak]
            if power[peak] > quiet and c * c + d * d > quiet:
                size = np.sqrt(a * a + b * b) * np.sqrt(c * c + d * d)
                u, v = (a * c - b * d) / size, (a * d + b * c) / size
                for i in range(first, end):
                    x[i], y[i] = x[i] * u - y[i] * v, x[i] * v + y[i] * u
            first = end
        peak = k
