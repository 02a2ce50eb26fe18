"""Masked spectrograms."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, NonNegativeInt

from dlrun.arrays import Array, Shape
from dlrun.augment.augmentation import Augmentation, Task, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Proportion
from dlrun.errors import ShapeError


@augmentation("spec_augment")
class SpecAugment(Augmentation):
    """SpecAugment: mask random time and frequency ranges of spectrograms, (frames, bands).

    It runs after ``data.preprocess``, where ``log_mel`` computes spectrograms, and must be the last
    in the list.  Widths are drawn from 0 up, positions from all where the mask fits (Park et al.,
    "SpecAugment", Interspeech 2019, without time warping, which helped least).
    """

    behind_preprocess: ClassVar = True

    time_masks: NonNegativeInt = 2
    """Number of time masks."""
    time_width: Proportion = 0.15
    """Maximum width of a time mask, as a fraction of all frames."""
    frequency_masks: NonNegativeInt = 2
    """Number of frequency masks."""
    frequency_width: Proportion = 0.2
    """Maximum width of a frequency mask, as a fraction of all bands."""
    value: Annotated[float, Field(ge=-1e38, le=1e38)] | Literal["mean"] = "mean"
    """Value of masked elements: a number, or the mean of the spectrogram."""

    def check(self, sample: Shape, task: Task) -> None:
        """Spectrograms only."""
        if len(sample) != 2 or sample[1] == 1:
            shown = " x ".join(map(str, sample))
            raise ShapeError(
                f"{self.kind} masks spectrograms, (frames, bands), but samples are {shown}; put "
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
    """The positions that some masks cover, (n, length) bool."""
    hidden = np.zeros((len(draws), length), bool)
    places = np.arange(length)
    for _ in range(masks):
        wide = (draws.uniform() * (int(width * length) + 1)).astype(np.int64)
        start = (draws.uniform() * (length - wide + 1)).astype(np.int64)
        hidden |= (places >= start[:, None]) & (places < (start + wide)[:, None])
    return hidden


def _means(samples: Array) -> Array:
    return np.asarray(samples.mean(axis=(1, 2), keepdims=True))
