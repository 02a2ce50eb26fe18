"""Words of two vowels, spoken by many voices, in rooms with noise: WAV files in folders.

    python experiments/augmentation/words.py

writes words/train and words/test beside itself, the same ones each time.  A vowel is a buzz of the
voice's pitch through three resonances (formants), whose frequencies are those that Peterson and
Barney measured ("Control methods used in a study of the vowels", 1952); a word glides from one
vowel to another.  Voices differ in pitch and in the size of the throat, which moves all formants;
words differ in pace, in when they begin, in loudness and in noise.  Both parts come from one
distribution; the training part has 6 recordings of each word.
"""

from __future__ import annotations

import shutil
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE, SECONDS = 8000, 0.8
TRAINING, TEST = 6, 50

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
    """A recording of a word by a voice of its own."""
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


def write(folder: Path) -> None:
    """Both parts."""
    shutil.rmtree(folder, ignore_errors=True)
    random = np.random.default_rng(0)
    for part, count in (("train", TRAINING), ("test", TEST)):
        for name in WORDS:
            for number in range(count):
                path = folder / part / name / f"{number:02}.wav"
                path.parent.mkdir(parents=True, exist_ok=True)
                with wave.open(str(path), "wb") as sound:
                    sound.setnchannels(1)
                    sound.setsampwidth(2)
                    sound.setframerate(RATE)
                    values = np.rint(32767 * word(name, random))
                    sound.writeframes(values.astype("<i2").tobytes())


if __name__ == "__main__":
    write(Path(__file__).with_name("words"))
