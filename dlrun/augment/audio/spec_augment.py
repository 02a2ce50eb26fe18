"""Spectrograms with stripes missing."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import NonNegativeInt

from dlrun.arrays import Array, Shape
from dlrun.augment.augmentation import Augmentation, Task, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Part
from dlrun.errors import ShapeError


@augmentation("spec_augment")
class SpecAugment(Augmentation):
    """Mask stretches of time and bands of frequency in spectrograms, (frames, bands).

    It stands behind ``data.preprocess``, where ``log_mel`` makes spectrograms, and is the last in
    the list.  Widths are drawn from 0 on, places from all where the mask is inside (Park et al.,
    "SpecAugment", Interspeech 2019, without its warping of time, which gained least).
    """

    behind_preprocess: ClassVar = True

    time_masks: NonNegativeInt = 2
    """Masks over stretches of time."""
    time_width: Part = 0.15
    """The most that each takes, as a part of all frames."""
    frequency_masks: NonNegativeInt = 2
    """Masks over bands."""
    frequency_width: Part = 0.2
    """The most that each takes, as a part of all bands."""
    value: float | Literal["mean"] = "mean"
    """What stands there: a number, or the mean of the spectrogram."""

    def check(self, sample: Shape, task: Task) -> None:
        """Spectrograms only."""
        if len(sample) != 2 or sample[1] == 1:
            shown = " x ".join(map(str, sample))
            raise ShapeError(
                f"{self.kind} masks spectrograms, (frames, bands), and samples are {shown}; put "
                "log_mel into data.preprocess"
            )

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Mask."""
        frames, bands = samples.shape[1:]
        times = _masked(draws, self.time_masks, self.time_width, frames)
        frequencies = _masked(draws, self.frequency_masks, self.frequency_width, bands)
        masked = times[:, :, None] | frequencies[:, None, :]
        value: Array | float = self.value if self.value != "mean" else _means(samples)
        return np.where(masked, np.asarray(value, np.float32), samples)


def _masked(draws: Draws, masks: int, width: float, length: int) -> Array:
    """Which places some masks hide, (n, length) bool."""
    hidden = np.zeros((len(draws), length), bool)
    places = np.arange(length)
    for _ in range(masks):
        wide = (draws.uniform() * (int(width * length) + 1)).astype(np.int64)
        start = (draws.uniform() * (length - wide + 1)).astype(np.int64)
        hidden |= (places >= start[:, None]) & (places < (start + wide)[:, None])
    return hidden


def _means(samples: Array) -> Array:
    return np.asarray(samples.mean(axis=(1, 2), keepdims=True))
