"""Noise of a given strength."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.audio.signal import per_signal, power


def with_noise(signals: Array, noise: Array, ratio: Array) -> Array:
    """Signals with noise of which each gets so much that the ratio is as asked; in place.

    Silence has no ratio to anything and stays what it is; so does a signal whose noise is silent.

    Args:
        signals: (n, length, channels).
        noise: as large, or of one channel for all.
        ratio: (n,) of the power of the signal to that of the noise, in decibels.
    """
    loud = power(noise)
    wanted = power(signals) / 10.0 ** (ratio / 10.0)
    signals += per_signal(np.sqrt(wanted / np.where(loud > 0, loud, np.inf))) * noise
    return signals


def pink(white: Array) -> Array:
    """Noise whose power falls by half from octave to octave, from white noise, (n, length, c)."""
    spectrum = np.fft.rfft(white, axis=1)
    bins = np.arange(spectrum.shape[1], dtype=np.float32)
    spectrum /= np.sqrt(np.maximum(bins, 1.0))[:, None]
    spectrum[:, 0] = 0.0
    return np.fft.irfft(spectrum, white.shape[1], axis=1)
