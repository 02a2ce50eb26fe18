"""Spectrograms as coloured images, and waveforms as WAV files."""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING

import numpy as np

from dlrun.run_directory.access import writing
from dlrun.run_directory.atomic import replace

if TYPE_CHECKING:
    from pathlib import Path

    from dlrun.arrays import Array

_QUIETEST, _LOUDEST = 2.0, 99.8
"""Percentiles of the originals that are shown as black and white."""


def spectrogram_images(originals: Array, others: Array) -> tuple[Array, Array]:
    """Spectrograms as images: time to the right, frequency up, loud is bright.

    Args:
        originals: (n, frames, bands); they determine the range of colours.
        others: (n, columns, frames, bands).

    Returns:
        (n, bands, frames, 3) and (n, columns, bands, frames, 3), values 0 to 1.
    """
    from matplotlib import colormaps

    low, high = np.percentile(originals, (_QUIETEST, _LOUDEST))
    colours = colormaps["magma"]

    def image(values: Array) -> Array:
        level = np.clip((values - low) / max(high - low, 1e-9), 0.0, 1.0)
        upright = np.swapaxes(level, -1, -2)[..., ::-1, :]
        return np.asarray(colours(upright)[..., :3], np.float32)

    return image(originals), image(others)


def write_waves(folder: Path, originals: Array, others: Array, rate: int) -> None:
    """Write ``1-original.wav``, ``1-epoch-1.wav`` and so on, 16 bits; values are clipped to -1..1.

    Args:
        folder: created if it is missing.
        originals: (n, length, channels).
        others: (n, epochs, length, channels).
        rate: sampling rate in Hz.

    Raises:
        DataError, MachineError: they cannot be written.
    """
    with writing(folder):
        folder.mkdir(exist_ok=True)
    for number, (original, changed) in enumerate(zip(originals, others, strict=True), start=1):
        _write(folder / f"{number}-original.wav", original, rate)
        for epoch, each in enumerate(changed, start=1):
            _write(folder / f"{number}-epoch-{epoch}.wav", each, rate)


def _write(path: Path, values: Array, rate: int) -> None:
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setnchannels(values.shape[1])
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(np.rint(32767 * np.clip(values, -1, 1)).astype("<i2").tobytes())
    replace(path, content.getvalue())
