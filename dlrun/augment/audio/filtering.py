"""Filters for waveforms, applied to their spectra."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.audio.signal import parts

Response = Callable[[Array, slice], Array]
"""Maps the logarithms of some frequencies in Hz, (bins,), and a slice of the waveforms to their
factors, (waveforms in the slice, bins)."""

_LOWEST = 1e-9
"""Hz; stands for 0, which has no logarithm."""
_POWER = np.float32(10.0 * np.log10(2.0))
"""Decibels of a factor of 2 in power."""


def filtered(waves: Array, rate: int, response: Response) -> Array:
    """Waveforms after zero-delay filters, one filter each; in place.

    Args:
        waves: (n, length, channels).
        rate: samples per second.
        response: of the filters.
    """
    # Of twice the length, so that the start of a filtered waveform does not meet its end.
    size = fast_length(2 * waves.shape[1])
    logarithms = np.log(np.maximum(np.fft.rfftfreq(size, 1 / rate), _LOWEST))
    for part in parts(waves, 2 * waves[0].size):
        spectra = transformed(waves[part], size)
        spectra *= response(logarithms, part)[:, None, :]
        waves[part] = restored(spectra, size)[:, : waves.shape[1]]
    return waves


def low_pass(logarithms: Array, cutoff: Array, slope: float) -> Array:
    """Butterworth's response (Wireless Engineer 7, 1930), half of the power at the cutoff.

    Args:
        logarithms: of frequencies in Hz, (bins,).
        cutoff: (n,) Hz.
        slope: decibels per octave far above the cutoff.

    Returns:
        (n, bins) factors, float32.
    """
    above = (logarithms - np.log(cutoff)[:, None]).astype(np.float32)
    above *= np.float32(slope) / _POWER
    with np.errstate(over="ignore"):  # far above, nothing is left
        factors = np.exp(above, out=above)
    factors += 1
    np.sqrt(factors, out=factors)
    return np.divide(1, factors, out=factors)


def high_pass(logarithms: Array, cutoff: Array, slope: float) -> Array:
    """The mirror image of ``low_pass``."""
    return low_pass(-logarithms, 1 / cutoff, slope)


def convolved(waves: Array, response: Array) -> Array:
    """Waveforms convolved with one response each, cut to their length.

    Args:
        waves: (n, length, channels).
        response: (n, taps), with at most ``length`` taps.
    """
    # Nothing that is kept reaches the end, where it would continue at the start.
    size, found = fast_length(waves.shape[1] + response.shape[1] - 1), np.empty_like(waves)
    for part in parts(waves, 4 * waves[0].size):
        spectra = transformed(waves[part], size)
        spectra *= transformed(response[part, :, None], size)
        found[part] = restored(spectra, size)[:, : waves.shape[1]]
    return found


def transformed(signals: Array, size: int) -> Array:
    """Fourier transforms of signals that are padded with zeros, (n, channels, size // 2 + 1).

    SciPy's transform several rows at a time, with the same results as one by one.

    Args:
        signals: (n, length, channels) float32.
        size: at least ``length``.
    """
    from scipy import fft

    spectra: Array = fft.rfft(signals.swapaxes(1, 2), size)
    return spectra


def restored(spectra: Array, size: int) -> Array:
    """The signals of ``transformed`` spectra, which are overwritten: (n, size, channels)."""
    from scipy import fft

    signals: Array = fft.irfft(spectra, size, overwrite_x=True)
    return signals.swapaxes(1, 2)


def fast_length(least: int) -> int:
    """The smallest length from ``least`` up whose Fourier transform is fast."""
    from scipy import fft

    return int(fft.next_fast_len(least, real=True))
