"""Words of two vowels, spoken by many voices in noisy rooms: generated sounds.

A vowel is a buzz at the voice's pitch, filtered by three resonances (formants) with the frequencies
measured by Peterson and Barney ("Control methods used in a study of the vowels", 1952); a word
glides from one vowel to another.  Voices differ in pitch and in the size of the throat, which moves
all formants; words differ in pace, start time, loudness and noise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE, SECONDS = 8000, 1.0

FORMANTS = {
    "i": (270, 2290, 3010),
    "e": (530, 1840, 2480),
    "a": (730, 1090, 2440),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
}
WORDS = ("ia", "ai", "ea", "ae", "ou", "uo", "iu", "ui", "oe", "eo")
WIDTHS = (60.0, 90.0, 120.0)  # Hz of the resonances

Array = NDArray[np.float64]


def word(name: str, random: np.random.Generator) -> Array:
    """A recording of a word by a random voice."""
    throat, pitch = random.uniform(0.84, 1.2), random.uniform(85, 260)
    spoken = round(RATE * random.uniform(0.3, 0.6))
    along = np.linspace(0, 1, spoken)
    glide = 1 / (1 + np.exp(-12 * (along - random.uniform(0.35, 0.65))))
    first, second = (throat * np.array(FORMANTS[vowel]) for vowel in name)
    formants = first + glide[:, None] * (second - first)
    melody = pitch * (1 + random.uniform(-0.2, 0.2) * along)
    phase = 2 * np.pi * np.cumsum(melody) / RATE
    voice = np.zeros(spoken)
    for harmonic in range(1, int(RATE / 2 / melody.max())):
        hertz = harmonic * melody
        # Each resonance is a bump over the spectrum of the voice, which falls with frequency.
        level = harmonic**-0.5 * sum(
            width**2 / (width**2 + (hertz - peak) ** 2)
            for peak, width in zip(formants.T, WIDTHS, strict=True)
        )
        voice += level * np.sin(harmonic * phase + random.uniform(0, 2 * np.pi))
    voice *= np.sin(np.pi * along) ** 0.5
    recording = np.zeros(round(RATE * SECONDS))
    start = random.integers(0, len(recording) - spoken)
    recording[start : start + spoken] = voice / np.abs(voice).max()
    noise = random.normal(0, 1, len(recording))
    ratio = 10 ** (random.uniform(3, 25) / 20)
    recording += noise * np.sqrt(np.mean(recording**2)) / ratio
    return 10 ** (random.uniform(-15, 0) / 20) * recording / np.abs(recording).max()
