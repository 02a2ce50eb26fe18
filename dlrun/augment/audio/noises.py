"""Noise of a given strength."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.audio.filtering import restored, transformed
from dlrun.augment.audio.signal import per_signal, power


def with_noise(signals: Array, noise: Array, ratio: Array) -> Array:
    """Signals plus noise, scaled to the given signal-to-noise ratio; in place.

    A silent signal, or one whose noise is silent, stays unchanged.

    Args:
        signals: (n, length, channels).
        noise: of the same shape, or with one channel for all.
        ratio: (n,) power of the signal / power of the noise, in decibels.
    """
    loud = power(noise)
    wanted = power(signals) / 10.0 ** (ratio / 10.0)
    signals += per_signal(np.sqrt(wanted / np.where(loud > 0, loud, np.inf))) * noise
    return signals


def pink(white: Array) -> Array:
    """Pink noise, whose power halves per octave, from white noise, (n, length, c)."""
    length = white.shape[1]
    spectra = transformed(white, length)
    bins = np.arange(spectra.shape[2], dtype=np.float32)
    spectra /= np.sqrt(np.maximum(bins, 1.0))
    spectra[..., 0] = 0.0
    return restored(spectra, length)
