"""Write the recordings for sounds.yaml.

    python -m experiments.augmentation.sounds

writes 400 WAV files to the folder recordings, one folder per word: numbers that two women speak in
English and in French, if Debian's packages asterisk-core-sounds-en-wav and -fr-wav are installed,
otherwise generated words.
"""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.augmentation import spoken, words

RATE, RECORDINGS = 8000, 400


def recordings() -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Words and their recordings, the same ones each time."""
    random = np.random.default_rng(0)
    if spoken.installed():
        for name in spoken.NAMES:
            original = spoken.read(name)
            for _ in range(RECORDINGS // len(spoken.NAMES)):
                yield name, spoken.called(original, random)
    else:
        for name in words.WORDS:
            for _ in range(RECORDINGS // len(words.WORDS)):
                yield name, words.word(name, random)


def write(folder: Path) -> None:
    """Write all recordings as WAV files of 16 bits."""
    for number, (name, recording) in enumerate(recordings()):
        path = folder / name / f"{number:03}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(RATE)
            sound.writeframes(np.rint(32767 * recording).astype("<i2").tobytes())


if __name__ == "__main__":
    write(Path(__file__).with_name("recordings"))
