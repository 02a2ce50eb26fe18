"""The mel scale, and filters that are evenly spaced on it."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array


def to_mel(hertz: Array | float) -> Array:
    """Pitch as heard: 2595 log10(1 + f / 700) (O'Shaughnessy, "Speech Communication", 1987)."""
    return np.asarray(2595.0 * np.log10(1.0 + np.asarray(hertz) / 700.0))


def to_hertz(mel: Array | float) -> Array:
    """The inverse of ``to_mel``."""
    return np.asarray(700.0 * (10.0 ** (np.asarray(mel) / 2595.0) - 1.0))


def mel_filters(bands: int, size: int, rate: float, low: float, high: float) -> Array:
    """Triangular filters over the bins of a real Fourier transform, (bands, size // 2 + 1).

    The corners of the triangles are evenly spaced in mel from ``low`` to ``high``; band k rises
    from corner k to 1 at corner k + 1 and falls to 0 at corner k + 2, both linear in Hz (Davis &
    Mermelstein, IEEE Transactions on Acoustics, Speech and Signal Processing 28, 1980).

    Args:
        bands: number of filters.
        size: samples per transform.
        rate: sampling rate in Hz.
        low: lowest frequency of the first filter, in Hz.
        high: highest frequency of the last filter, in Hz.
    """
    hertz = np.arange(size // 2 + 1) * (rate / size)
    corners = to_hertz(np.linspace(to_mel(low), to_mel(high), bands + 2))
    width = np.diff(corners)[:, None]
    rising = (hertz - corners[:-2, None]) / width[:-1]
    falling = (corners[2:, None] - hertz) / width[1:]
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)))
