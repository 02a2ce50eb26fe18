"""Numbers spoken by one speaker, out of Debian's package asterisk-core-sounds-en-wav.

    python experiments/augmentation/spoken.py

writes spoken/train and spoken/test beside itself, the same ones each time.  There is one recording
of each, from which training has to learn.  The test part is what other telephones would make of it:
20 copies of each recording, spoken faster or slower, sooner or later, more or less loudly, through
a line that favours high or low tones, with hum and noise.  They are made by SciPy and share no code
with dlrun's augmentations.
"""

from __future__ import annotations

import shutil
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter, resample

INSTALLED = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
NAMES = [f"digits/{number}" for number in range(20)]
RATE, SECONDS, TEST = 8000, 1.0, 20

Array = NDArray[np.float64]


def read(path: Path) -> Array:
    """A recording, with silence behind it."""
    with wave.open(str(path)) as sound:
        if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) != (RATE, 1, 2):
            raise ValueError(f"{path} is not what the package has")
        spoken = np.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32768
    return np.asarray(spoken[: round(RATE * SECONDS)])


def placed(spoken: Array, start: int) -> Array:
    """A recording of the length that all have."""
    recording = np.zeros(round(RATE * SECONDS))
    part = spoken[: len(recording) - start]
    recording[start : start + len(part)] = part
    return recording


def called(spoken: Array, random: np.random.Generator) -> Array:
    """The same through another telephone."""
    spoken = np.asarray(resample(spoken, round(len(spoken) * random.uniform(0.85, 1.2))))
    recording = placed(spoken, random.integers(0, max(1, round(RATE * SECONDS) - len(spoken))))
    recording = np.asarray(lfilter([1.0, random.uniform(-0.7, 0.7)], [1.0], recording))
    seconds = np.arange(len(recording)) / RATE
    hum = np.sin(2 * np.pi * random.uniform(45, 65) * seconds)
    noise = random.normal(0, 1, len(recording)) + random.uniform(0, 1) * hum
    level = np.sqrt(np.mean(recording**2)) / 10 ** (random.uniform(3, 20) / 20)
    recording += noise * level / np.sqrt(np.mean(noise**2))
    return 10 ** (random.uniform(-15, 0) / 20) * recording / np.abs(recording).max()


def store(path: Path, recording: Array) -> None:
    """A WAV file of 16 bits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(np.rint(32767 * recording).astype("<i2").tobytes())


def write(folder: Path) -> None:
    """Both parts."""
    shutil.rmtree(folder, ignore_errors=True)
    random = np.random.default_rng(0)
    for name in NAMES:
        spoken, label = read(INSTALLED / f"{name}.wav"), Path(name).name
        store(folder / "train" / label / "0.wav", placed(spoken, 0))
        for number in range(TEST):
            store(folder / "test" / label / f"{number:02}.wav", called(spoken, random))


if __name__ == "__main__":
    write(Path(__file__).with_name("spoken"))
