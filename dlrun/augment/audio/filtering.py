"""Waveforms through filters, by way of their spectra."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.audio.signal import parts


def filtered(waves: Array, response: Array) -> Array:
    """Waveforms behind filters of their own that move nothing in time; in place.

    Args:
        waves: (n, length, channels).
        response: (n, bins) factors for the frequencies that ``frequencies`` gives.
    """
    length = waves.shape[1]
    for part in parts(waves, 2 * waves[0].size):
        spectrum = np.fft.rfft(waves[part], 2 * length, axis=1)
        spectrum *= response[part, :, None].astype(np.float32)
        waves[part] = np.fft.irfft(spectrum, 2 * length, axis=1)[:, :length]
    return waves


def frequencies(waves: Array, rate: int) -> Array:
    """Hz of the bins of waveforms with as many zeros behind them, (bins,)."""
    return np.fft.rfftfreq(2 * waves.shape[1], 1 / rate)


def low_pass(hertz: Array, cutoff: Array, slope: float) -> Array:
    """Butterworth's response (Wireless Engineer 7, 1930), half of the power at the cutoff.

    Args:
        hertz: (bins,).
        cutoff: (n,) Hz.
        slope: decibels an octave far above it.

    Returns:
        (n, bins) factors.
    """
    return 1.0 / np.sqrt(1.0 + (hertz / cutoff[:, None]) ** (slope / 3.0103))


def high_pass(hertz: Array, cutoff: Array, slope: float) -> Array:
    """The mirror image of ``low_pass``: nothing at 0 Hz."""
    above = np.maximum(hertz, 1e-9)
    return 1.0 / np.sqrt(1.0 + (cutoff[:, None] / above) ** (slope / 3.0103))


def convolved(waves: Array, response: Array) -> Array:
    """Waveforms convolved with a response each, as far as they last.

    Args:
        waves: (n, length, channels).
        response: (n, taps), of at most as many taps as there are values.
    """
    length, found = waves.shape[1], np.empty_like(waves)
    for part in parts(waves, 4 * waves[0].size):
        spectrum = np.fft.rfft(waves[part], 2 * length, axis=1)
        spectrum *= np.fft.rfft(response[part], 2 * length, axis=1)[:, :, None]
        found[part] = np.fft.irfft(spectrum, 2 * length, axis=1)[:, :length]
    return found
