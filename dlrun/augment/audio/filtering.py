"""Filters for waveforms, applied to their spectra."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.audio.signal import parts


def filtered(waves: Array, response: Array) -> Array:
    """Waveforms after zero-delay filters, one filter each; in place.

    Args:
        waves: (n, length, channels).
        response: (n, bins) factors for the frequencies of ``frequencies``.
    """
    length = waves.shape[1]
    for part in parts(waves, 2 * waves[0].size):
        spectrum = np.fft.rfft(waves[part], 2 * length, axis=1)
        spectrum *= response[part, :, None].astype(np.float32)
        waves[part] = np.fft.irfft(spectrum, 2 * length, axis=1)[:, :length]
    return waves


def frequencies(waves: Array, rate: int) -> Array:
    """Frequencies in Hz of the spectra of zero-padded waveforms, (bins,)."""
    return np.fft.rfftfreq(2 * waves.shape[1], 1 / rate)


def low_pass(hertz: Array, cutoff: Array, slope: float) -> Array:
    """Butterworth's response (Wireless Engineer 7, 1930), half of the power at the cutoff.

    Args:
        hertz: (bins,).
        cutoff: (n,) Hz.
        slope: decibels per octave far above the cutoff.

    Returns:
        (n, bins) factors.
    """
    return 1.0 / np.sqrt(1.0 + (hertz / cutoff[:, None]) ** (slope / 3.0103))


def high_pass(hertz: Array, cutoff: Array, slope: float) -> Array:
    """The mirror image of ``low_pass``: nothing at 0 Hz."""
    above = np.maximum(hertz, 1e-9)
    return 1.0 / np.sqrt(1.0 + (cutoff[:, None] / above) ** (slope / 3.0103))


def convolved(waves: Array, response: Array) -> Array:
    """Waveforms convolved with one response each, cut to their length.

    Args:
        waves: (n, length, channels).
        response: (n, taps), with at most ``length`` taps.
    """
    length, found = waves.shape[1], np.empty_like(waves)
    for part in parts(waves, 4 * waves[0].size):
        spectrum = np.fft.rfft(waves[part], 2 * length, axis=1)
        spectrum *= np.fft.rfft(response[part], 2 * length, axis=1)[:, :, None]
        found[part] = np.fft.irfft(spectrum, 2 * length, axis=1)[:, :length]
    return found
