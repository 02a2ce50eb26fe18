"""Waveforms at another speed, with changed or with original pitch."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.augment.following import first_class
from dlrun.augment.kernels import Kernels

_MARGIN = 64
"""Zeros at either end before resampling, at least: the ends of a waveform differ."""
_CHOICES = 100
"""Number of padded lengths to choose from."""
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23)
"""Factors of lengths whose Fourier transforms are fast."""
_OVERLAP = 4
"""Number of frames of a vocoder that overlap at each value."""


def frame(rate: int) -> int:
    """Values per frame for a vocoder: about 50 ms, a power of 2, at least 16."""
    return 1 << max(4, round(math.log2(0.05 * rate)))


def vocoder_work(sample: Shape) -> int:
    """About the multiply-adds of ``stretched``: three transforms for each of four frames."""
    return 250 * math.prod(sample)


def paced(waves: Array, factors: Sequence[float], length: int) -> Array:
    """Waveforms played faster about their centres, with changed pitch.

    Their spectra are cut off or padded with zeros, so they are resampled without aliasing: a sine
    becomes one of ``factor`` times the frequency, or zero if that is too high.

    Args:
        waves: (n, old length, channels) float32.
        factors: speed factor of each; accurate to half a value over the whole length.
        length: of the results; padded with zeros beyond the waveform.

    Returns:
        (n, length, channels).
    """
    from scipy import fft

    old, channels = waves.shape[1:]
    found = np.zeros((len(waves), length, channels), np.float32)
    rows: dict[int, list[tuple[int, tuple[int, int, int]]]] = {}
    for row, factor in enumerate(factors):
        if factor == 1 and length == old:
            found[row] = waves[row]
        else:
            sizes = _sizes(old, factor)
            rows.setdefault(sizes[1], []).append((row, sizes))
    for size, group in rows.items():  # SciPy transforms several at a time, with the same results
        margin = group[0][1][0]
        padded = np.zeros((len(group), channels, size), np.float32)
        padded[..., margin : margin + old] = waves[[row for row, _ in group]].swapaxes(1, 2)
        for (row, sizes), spectra in zip(group, fft.rfft(padded), strict=True):
            new = sizes[2]
            kept = spectra[:, : min(size, new) // 2 + 1]
            if min(size, new) % 2 == 0 and size != new:
                kept[:, -1] = 0.0  # at half of the sample rate phases are lost
            stretched = fft.irfft(kept, new)
            stretched *= np.float32(new / size)
            _cut(stretched.T, _start(old, sizes, length), found[row])
    return found


def paced_from(old: int, factor: float, length: int) -> Array:
    """Positions of the values of ``paced`` in a waveform of length ``old``, float64."""
    margin, size, new = sizes = _sizes(old, factor)
    return (_start(old, sizes, length) + np.arange(length)) * (size / new) - margin


def _sizes(old: int, factor: float) -> tuple[int, int, int]:
    """Zeros before a waveform, its length with zeros at both ends, and that at the new speed.

    Both lengths are products of small primes, because other Fourier transforms take several times
    as long.  Of those that meet the factor to half a value, the smallest is taken, otherwise those
    that come nearest.
    """
    least = old + 2 * _MARGIN
    smooth = _smooth(1 << math.ceil(2 * least * max(1.0, 1 / factor)).bit_length())
    first = bisect_left(smooth, least)
    nearest, size, new = math.inf, 0, 0
    for each in smooth[first : first + _CHOICES]:
        at = bisect_left(smooth, each / factor)
        for other in smooth[max(0, at - 1) : at + 1]:
            if (off := abs(other * factor / each - 1) * old) < nearest:
                nearest, size, new = off, each, max(2, other)
        if nearest <= 0.5:
            break
    return (size - old) // 2, size, new


@lru_cache(8)
def _smooth(most: int) -> Sequence[int]:
    """All products of the primes up to ``most``, ascending."""
    found = np.ones(1, np.int64)
    for prime in _PRIMES:
        powers = prime ** np.arange(math.ceil(math.log(most, prime)) + 1)
        found = (found[:, None] * powers).reshape(-1)
        found = found[found <= most]
    return tuple(np.sort(found).tolist())


def _start(old: int, sizes: tuple[int, int, int], length: int) -> int:
    """Index of the first value to keep of a waveform at the new speed."""
    margin, size, new = sizes
    return round((margin + (old - 1) / 2) * new / size - (length - 1) / 2)


def stretched(wave: Array, factor: float, length: int, window: int, kernels: Kernels) -> Array:
    """A waveform played faster about its centre, with its original pitch, by a phase vocoder.

    Args:
        wave: (old length, channels) float32.
        factor: speed factor.
        length: of the result; padded with zeros beyond the waveform.
        window: values per frame, a multiple of 8.
        kernels: fast loops.
    """
    hop = window // _OVERLAP
    frames = -(-length // hop) + _OVERLAP - 1
    starts = (np.arange(frames) - (_OVERLAP - 1)) * hop
    first = _first(len(wave), factor, length)
    places = np.rint((starts + window / 2) * factor + first - window / 2).astype(np.int64)
    result = np.empty((length, wave.shape[1]), np.float32)
    kernels.stretch(wave, np.clip(places, -window, len(wave)), _hann(window), result)
    return result


@lru_cache(8)
def _hann(window: int) -> Array:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)).astype(np.float32)


def stretched_from(old: int, factor: float, length: int) -> Array:
    """Positions of the values of ``stretched`` in a waveform of length ``old``, float64."""
    return _first(old, factor, length) + np.arange(length) * factor


def _first(old: int, factor: float, length: int) -> float:
    """Where the first value of a stretched waveform is in the original."""
    return (old - 1) / 2 - (length - 1) / 2 * factor


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


def _cut(wave: Array, start: int, found: Array) -> None:
    """Write the values from ``start`` on, as far as there are any."""
    first, last = max(0, start), min(len(wave), start + len(found))
    if first < last:
        found[first - start : last - start] = wave[first:last]
