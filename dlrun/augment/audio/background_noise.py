"""Recorded background noise added to waveforms."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.augment.audio.noises import with_noise
from dlrun.augment.audio.signal import Decibels, SoundAugmentation
from dlrun.augment.augmentation import Change, Setting, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import fixed


@augmentation("background_noise")
class BackgroundNoise(SoundAugmentation):
    """Add recorded background noise at a given signal-to-noise ratio.

    Each waveform draws one of the recordings in a folder, and a position in it.  Recordings are
    kept in memory; one that is too short is repeated.
    """

    examples: ClassVar = ({"path": "recordings"},)

    path: str = Field(min_length=1)
    """Folder of the recordings; a relative path starts at the spec's folder."""
    snr: Decibels = (5.0, 20.0)
    """Signal-to-noise ratio in decibels, -200 to 200: a number, or [low, high], drawn for each
    waveform."""

    def bind(self, setting: Setting) -> Change:
        """With its recordings loaded."""
        super().bind(setting)
        assert setting.rate is not None
        return partial(self._add, setting.recordings(self.path, setting.rate))

    def anchored(self, folder: Path) -> Self:
        """With an absolute path."""
        return self.model_copy(update={"path": str((folder / self.path).absolute())})

    def _add(
        self, recordings: Sequence[Array], samples: Array, draws: Draws, kernels: Kernels
    ) -> Array:
        length = samples.shape[1]
        noise = np.empty((len(samples), length, 1), np.float32)
        which, place = draws.integers(len(recordings)), draws.uniform()
        for row, piece in enumerate(noise[:, :, 0]):
            recording = recordings[which[row]]
            room = len(recording) - length
            start = int(place[row] * (room + 1 if room >= 0 else len(recording)))
            piece[:] = np.take(recording, np.arange(start, start + length), mode="wrap")
        return with_noise(samples, noise, draws.uniform(*fixed(self.snr)))
