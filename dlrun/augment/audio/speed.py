"""Waveforms at another speed."""

from __future__ import annotations

from typing import ClassVar

from dlrun.arrays import Array
from dlrun.augment.audio.signal import SignalAugmentation
from dlrun.augment.audio.stretching import paced, paced_from, taken
from dlrun.augment.augmentation import Change, Setting, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.following import Following
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Scale, around_one


@augmentation("speed")
class Speed(SignalAugmentation):
    """Play waveforms faster or slower, and so higher or lower, about their centre.

    The length stays: slower ones are cut at both ends, beside faster ones there are zeros, and
    where each step has a class, the first of them.  Ko et al., "Audio augmentation for speech
    recognition", Interspeech 2015.
    """

    moves: ClassVar = True

    factor: Scale = 0.1
    """How many times as fast: a number d for 1 - d to 1 + d, or [low, high]."""

    @property
    def fills(self) -> bool:
        """Beside faster ones."""
        return True

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Resample each."""
        factors = draws.uniform(*around_one(self.factor)).tolist()
        for wave, factor in zip(samples, factors, strict=True):
            wave[:] = paced(wave, factor, len(wave))
        return samples

    def follow(self, setting: Setting, following: Following) -> Change:
        """Numbers of steps are resampled like samples, classes come from the nearest step."""
        if following.kind != "classes":
            return self.apply

        def moved(targets: Array, draws: Draws, kernels: Kernels) -> Array:
            factors = draws.uniform(*around_one(self.factor)).tolist()
            for row, factor in zip(targets, factors, strict=True):
                row[:] = taken(row, paced_from(len(row), factor, len(row)))
            return targets

        return moved
