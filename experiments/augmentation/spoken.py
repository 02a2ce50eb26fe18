"""Numbers spoken in English and in French, heard through many telephones.

The recordings are those of Debian's packages asterisk-core-sounds-en-wav and -fr-wav: one woman
counts in English, another in French.  The telephones are simulated with SciPy; they share no code
with dlrun's augmentations.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter, resample

INSTALLED = Path("/usr/share/asterisk/sounds")
VOICES = {"en": "en_US_f_Allison", "fr": "fr_CA_f_June"}
NAMES = tuple(f"{language}-{number}" for language in VOICES for number in range(10))
RATE, SECONDS = 8000, 1.0

Array = NDArray[np.float64]


def installed() -> bool:
    """Whether both packages are there."""
    return all((INSTALLED / voice / "digits").is_dir() for voice in VOICES.values())


def read(name: str) -> Array:
    """The recording of a number."""
    language, number = name.split("-")
    path = INSTALLED / VOICES[language] / "digits" / f"{number}.wav"
    with wave.open(str(path)) as sound:
        if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) != (RATE, 1, 2):
            raise ValueError(f"{path} is not what the package has")
        spoken = np.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32768
    return np.asarray(spoken[: round(RATE * SECONDS)])


def called(spoken: Array, random: np.random.Generator) -> Array:
    """A recording through a telephone: other pace, start, tone and loudness, with hum and noise."""
    spoken = np.asarray(resample(spoken, round(len(spoken) * random.uniform(0.85, 1.2))))
    recording = np.zeros(round(RATE * SECONDS))
    start = random.integers(0, max(1, len(recording) - len(spoken)))
    part = spoken[: len(recording) - start]
    recording[start : start + len(part)] = part
    recording = np.asarray(lfilter([1.0, random.uniform(-0.7, 0.7)], [1.0], recording))
    seconds = np.arange(len(recording)) / RATE
    hum = np.sin(2 * np.pi * random.uniform(45, 65) * seconds)
    noise = random.normal(0, 1, len(recording)) + random.uniform(0, 1) * hum
    level = np.sqrt(np.mean(recording**2)) / 10 ** (random.uniform(3, 20) / 20)
    recording += noise * level / np.sqrt(np.mean(noise**2))
    return 10 ** (random.uniform(-15, 0) / 20) * recording / np.abs(recording).max()
