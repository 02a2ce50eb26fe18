"""Sounds as part of the page."""

from __future__ import annotations

import io
import wave

import numpy as np

from dlrun.arrays import Array
from dlrun.pages.markup import Html, data_address, tag

_SECONDS = 4.0
_RATE = 16_000
"""Length and sampling rate of a sound; a longer one is cut."""


def sound(waveform: Array, rate: int) -> Html:
    """A sound with a player.

    Args:
        waveform: (length, channels), from -1 to 1; channels are averaged.
        rate: in Hz.
    """
    mono = np.nan_to_num(np.asarray(waveform, np.float64)[: int(_SECONDS * rate)].mean(axis=1))
    if rate > _RATE:  # every n-th mean of n values: a listener needs no more
        factor = -(-rate // _RATE)
        mono = mono[: len(mono) // factor * factor].reshape(-1, factor).mean(axis=1)
        rate = round(rate / factor)
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, max(1, rate), 0, "NONE", ""))
        out.writeframes(np.round(32767 * np.clip(mono, -1.0, 1.0)).astype("<i2").tobytes())
    source = data_address("audio/wav", file.getvalue())
    return tag("audio", controls=True, preload="metadata", src=source)
