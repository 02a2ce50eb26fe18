"""Stretched sounds, by a phase vocoder."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dlrun.arrays import Array

__all__ = ["stretch"]

OVERLAP = 4
"""Number of frames that overlap at each value."""
SQUARES = 2 / 3
"""The squares of Hann windows that are a quarter apart add up to 3/2 everywhere."""
AROUND = 2
"""Bins on either side that a peak exceeds."""
QUIET, SILENT = np.float32(1e-14), np.float32(1e-30)
"""Power, as a fraction of the largest and as such, up to which a bin's phase is not continued."""


def stretch(wave: Array, places: Array, window: Array, y: Array) -> None:
    """Write a sound whose frames are those at given places of another one.

    Frames start a quarter of a window apart in the result, the first three before it.  Each has the
    magnitudes of the waveform at its place; its phases advance from the previous frame of the
    result like those of the waveform over the same number of values.  So each frame is read twice,
    at its place and a quarter of a window earlier (Flanagan & Golden, Bell System Technical Journal
    45, 1966; Dolson, Computer Music Journal 10, 1986).

    Only the phases of peaks are computed so, and the bins around them are turned by the same angle
    as their peak (Laroche & Dolson, IEEE Transactions on Speech and Audio Processing 7, 1999),
    because they would otherwise cancel each other.  After silence phases start from those of the
    waveform.

    Args:
        wave: (length, channels) float32, silent before and after.
        places: (frames,) int64, the first value of each frame, from -n up to ``length``.
        window: (n,) float32, a Hann window; n is a multiple of 8.
        y: (new length, channels), written; at most frames - 3 quarters of a window long.
    """
    n, length = window.size, len(y)
    hop = n // OVERLAP
    for channel in range(wave.shape[1]):
        frames = sliding_window_view(np.pad(wave[:, channel], (n + hop, n)), n)
        now = np.fft.rfft(frames[places + n + hop] * window, axis=1)
        before = np.fft.rfft(frames[places + n] * window, axis=1)
        back = np.fft.irfft(_continued(now, before), n, axis=1) * window
        y[:, channel] = _overlapped(back, hop)[:length]


def _continued(now: Array, before: Array) -> Array:
    """Frames with the magnitudes of ``now`` and continuous phases, (frames, bins)."""
    power, earlier = _power(now), _power(before)
    quiet = max(QUIET * power.max(), SILENT)
    restarts = earlier <= quiet
    restarts[1:] |= power[:-1] <= quiet
    # The angle of a bin grows by that between the previous frame and the one a hop earlier.
    growth = np.ones_like(now)
    growth[1:] = now[:-1] * before[1:].conj()
    growth /= np.where(restarts, 1, np.abs(growth))
    peak, angles = _nearest_peak(power), np.ones_like(now)
    for f in range(1, len(now)):
        angle = growth[f] * angles[f - 1]
        angle[restarts[f]] = 1
        np.take(angle, peak[f], out=angles[f])
    continued: Array = now * angles
    return continued


def _power(spectrum: Array) -> Array:
    power: Array = np.square(spectrum.real) + np.square(spectrum.imag)
    return power


def _nearest_peak(power: Array) -> Array:
    """The bin of the nearest peak, for each bin, (frames, bins); the bin itself without one."""
    frames, bins = power.shape
    edge = np.full((frames, AROUND), -1.0, power.dtype)
    around = np.concatenate((edge, power, edge), axis=1)
    peak = np.ones(power.shape, bool)
    for offset in (0, 1, 3, 4):
        peak &= power > around[:, offset : offset + bins]
    number = np.arange(bins)
    below = np.maximum.accumulate(np.where(peak, number, -2 * bins), axis=1)
    above = np.minimum.accumulate(np.where(peak, number, 4 * bins)[:, ::-1], axis=1)[:, ::-1]
    nearest = np.where(number - below <= above - number, below, above)
    return np.where((nearest >= 0) & (nearest < bins), nearest, number)


def _overlapped(frames: Array, hop: int) -> Array:
    """The sum of frames that start at 0, hop, 2 hop, ..., from where all of them overlap."""
    count = len(frames)
    total = np.zeros((count + OVERLAP - 1, hop), frames.dtype)
    for part in range(OVERLAP):
        total[part : part + count] += frames[:, part * hop : (part + 1) * hop]
    whole: Array = total[OVERLAP - 1 : count].reshape(-1)
    whole *= whole.dtype.type(SQUARES)
    return whole
