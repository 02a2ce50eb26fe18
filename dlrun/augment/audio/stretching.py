"""Waveforms at another speed, with changed or with original pitch."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dlrun.arrays import Array
from dlrun.augment.following import first_class

_MARGIN = 64
"""Zeros at either end before resampling: the ends of a waveform differ."""
_QUIET = 1e-7
"""Fraction of the largest bin below which a bin's phase is not continued."""
_OVERLAP = 4
"""Number of frames that overlap at each value."""


def frame(rate: int) -> int:
    """Values per frame for a vocoder: about 50 ms, a power of 2, at least 16."""
    return 1 << max(4, round(math.log2(0.05 * rate)))


def paced(wave: Array, factor: float, length: int) -> Array:
    """A waveform played faster about its centre, with changed pitch.

    Its spectrum is cut off or padded with zeros, so it is resampled without aliasing: a sine
    becomes one of ``factor`` times the frequency, or zero if that is too high.

    Args:
        wave: (old length, channels) float32.
        factor: speed factor; accurate to half a value over the whole length.
        length: of the result; padded with zeros beyond the waveform.
    """
    old = len(wave)
    margin, size, new = _sizes(old, factor)
    if new == size and length == old:
        return wave
    spectrum = np.fft.rfft(np.pad(wave, ((margin, margin), (0, 0))), axis=0)
    bins = min(size, new) // 2 + 1
    spectrum = spectrum[:bins]
    if min(size, new) % 2 == 0 and size != new:
        spectrum[-1] = 0.0  # at half of the sample rate phases are lost
    stretched = np.fft.irfft(spectrum, new, axis=0) * np.float32(new / size)
    return _cut(stretched, _start(old, factor, length), length)


def paced_from(old: int, factor: float, length: int) -> Array:
    """Positions of the values of ``paced`` in a waveform of length ``old``, float64."""
    margin, size, new = _sizes(old, factor)
    return (_start(old, factor, length) + np.arange(length)) * (size / new) - margin


def _sizes(old: int, factor: float) -> tuple[int, int, int]:
    """Zeros at either end of a waveform, its length with them, and that length at the new speed."""
    margin = _MARGIN + (old + 2 * _MARGIN) % 2
    size = old + 2 * margin
    return margin, size, max(2, round(size / factor))


def _start(old: int, factor: float, length: int) -> int:
    """Index of the first value to keep of a waveform at the new speed."""
    margin, size, new = _sizes(old, factor)
    return round((margin + (old - 1) / 2) * new / size - (length - 1) / 2)


def stretched(wave: Array, factor: float, length: int, window: int) -> Array:
    """A waveform played faster about its centre, with its original pitch, by a phase vocoder.

    Each frame of the result has the magnitudes of the waveform at its time; its phases advance from
    the previous frame like those of the waveform over the same number of values (Flanagan & Golden,
    Bell System Technical Journal 45, 1966; Dolson, Computer Music Journal 10, 1986).

    Args:
        wave: (old length, channels) float32.
        factor: speed factor.
        length: of the result; padded with zeros beyond the waveform.
        window: values per frame, a multiple of 8.
    """
    hop = window // _OVERLAP
    frames = -(-length // hop) + _OVERLAP - 1
    starts = (np.arange(frames) - (_OVERLAP - 1)) * hop
    middle = stretched_from(len(wave), factor, length)[0]
    old = np.rint((starts + window / 2) * factor + middle - window / 2).astype(np.int64)
    old = np.clip(old, -window, len(wave))
    hann = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)).astype(np.float32)
    result = np.empty((length, wave.shape[1]), np.float32)
    for channel in range(wave.shape[1]):
        padded = np.pad(wave[:, channel], (window + hop, window))
        pieces = sliding_window_view(padded, window)
        now = np.fft.rfft(pieces[old + window + hop] * hann, axis=1)
        before = np.fft.rfft(pieces[old + window] * hann, axis=1)
        spectrum = _in_phase(now, before)
        back = np.fft.irfft(spectrum, window, axis=1) * hann
        result[:, channel] = _overlapped(back, hop)[:length]
    return result


def stretched_from(old: int, factor: float, length: int) -> Array:
    """Positions of the values of ``stretched`` in a waveform of length ``old``, float64."""
    return (old - 1) / 2 - (length - 1) / 2 * factor + np.arange(length) * factor


def taken(classes: Array, places: Array) -> Array:
    """Classes of the steps nearest to given positions; the first class outside.

    Args:
        classes: (length, k) codes or probabilities.
        places: (n,), in steps.

    Returns:
        (n, k).
    """
    nearest = np.floor(places + 0.5).astype(np.int64)
    inside = (nearest >= 0) & (nearest < len(classes))
    found: Array = classes[np.clip(nearest, 0, len(classes) - 1)]
    return np.where(inside[:, None], found, first_class(classes[None]))


def between(numbers: Array, places: Array) -> Array:
    """Values at given positions, (n, k), linearly interpolated between steps; 0 outside.

    Args:
        numbers: (length, k).
        places: (n,), in steps.
    """
    steps = np.arange(-1, len(numbers) + 1)
    padded = np.pad(numbers, ((1, 1), (0, 0)))
    lines = [np.interp(places, steps, column, left=0.0, right=0.0) for column in padded.T]
    return np.stack(lines, axis=1).astype(numbers.dtype)


def _in_phase(now: Array, before: Array) -> Array:
    """Frames with the magnitudes of ``now`` and continuous phases, (frames, bins).

    From frame to frame the phase of a bin advances as from ``before`` to ``now``; after silence it
    restarts.  Only peaks are computed so, and the bins around them follow their peak (Laroche &
    Dolson, IEEE Transactions on Speech and Audio Processing 7, 1999), because they would otherwise
    cancel each other.
    """
    size = np.abs(now)
    least = _QUIET * max(size.max(), 1e-20)
    own = np.where(size > least, now, 1.0) / np.where(size > least, size, 1.0)
    anew = np.abs(before) <= least
    anew[1:] |= size[:-1] <= least
    turn = own * before.conj()
    turn /= np.where(anew, 1.0, np.abs(turn))
    peak = _nearest_peak(size)
    phase = np.empty_like(own)
    phase[0] = own[0]
    for frame in range(1, len(now)):
        gone_on = phase[frame - 1] * turn[frame]
        np.copyto(gone_on, own[frame], where=anew[frame])
        turned = gone_on * own[frame].conj()
        np.multiply(own[frame], turned[peak[frame]], out=phase[frame])
    return phase * size


def _nearest_peak(size: Array) -> Array:
    """The bin of the nearest peak, for each bin, (frames, bins); the bin itself without one."""
    frames, bins = size.shape
    edge = np.full((frames, 2), -1.0, size.dtype)
    around = np.concatenate((edge, size, edge), axis=1)
    peak = np.ones(size.shape, bool)
    for offset in (0, 1, 3, 4):
        peak &= size > around[:, offset : offset + bins]
    number = np.arange(bins)
    below = np.maximum.accumulate(np.where(peak, number, -2 * bins), axis=1)
    above = np.minimum.accumulate(np.where(peak, number, 4 * bins)[:, ::-1], axis=1)[:, ::-1]
    nearest = np.where(number - below <= above - number, below, above)
    return np.where((nearest >= 0) & (nearest < bins), nearest, number)


def _overlapped(frames: Array, hop: int) -> Array:
    """The sum of frames that start at 0, hop, 2 hop, ..., from where all of them overlap."""
    count, window = frames.shape
    ratio = window // hop
    total = np.zeros((count + ratio - 1, hop), np.float32)
    for part in range(ratio):
        total[part : part + count] += frames[:, part * hop : (part + 1) * hop]
    # The squares of Hann windows shifted by a quarter sum to 3/2 everywhere.
    return total[ratio - 1 : count].reshape(-1) * np.float32(2 / 3)


def _cut(wave: Array, start: int, length: int) -> Array:
    """Values from ``start`` on, padded with zeros."""
    found = np.zeros((length, wave.shape[1]), np.float32)
    first, last = max(0, start), min(len(wave), start + length)
    if first < last:
        found[first - start : last - start] = wave[first:last]
    return found
