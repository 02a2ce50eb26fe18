"""Sound files made in memory, whose headers can be falsified, and how dlrun reads them."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile

from dlrun.arrays import Array
from dlrun.data.files.sound_file import SoundForm

RATE = 44_100


def read(path: Path, rate: int = RATE) -> Array:
    values: Array = SoundForm(rate, None, "start").read(path)[:, 0]
    return values


def sound(form: str, subtype: str = "PCM_16", rate: int = 8000) -> tuple[bytes, Array]:
    values = (0.3 * np.random.default_rng(1).normal(size=5000)).clip(-1, 1).astype(np.float32)
    file = BytesIO()
    soundfile.write(file, values, rate, format=form, subtype=subtype)
    return file.getvalue(), values


def resized(content: bytes, chunk: bytes, size: int, order: str = "<") -> bytes:
    place = content.find(chunk) + 4
    return content[:place] + struct.pack(f"{order}I", size) + content[place + 4 :]
