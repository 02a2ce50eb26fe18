"""Waveforms at another speed."""

from __future__ import annotations

from typing import ClassVar

from dlrun.arrays import Array
from dlrun.augment.audio.signal import SignalAugmentation
from dlrun.augment.audio.speeds import SpeedFactor
from dlrun.augment.audio.stretching import paced, paced_from, taken
from dlrun.augment.augmentation import Change, Setting, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.following import Following
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import around_one


@augmentation("speed")
class Speed(SignalAugmentation):
    """Play waveforms faster or slower, which also changes their pitch.

    The centre and the length stay the same: slower ones are cut at both ends, faster ones are
    padded with zeros (with the first class, for targets of each step).  Ko et al., "Audio
    augmentation for speech recognition", Interspeech 2015.
    """

    moves: ClassVar = True

    factor: SpeedFactor = 0.1
    """Speed factor: a number d for 1 - d to 1 + d, or [low, high]."""

    @property
    def fills(self) -> bool:
        """True, around faster ones."""
        return True

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Resample each."""
        factors = draws.uniform(*around_one(self.factor)).tolist()
        return paced(samples, factors, samples.shape[1])

    def follow(self, setting: Setting, following: Following) -> Change:
        """Resample real-valued targets of steps; take the classes of the nearest steps."""
        if following.kind != "classes":
            return self.apply

        def moved(targets: Array, draws: Draws, kernels: Kernels) -> Array:
            factors = draws.uniform(*around_one(self.factor)).tolist()
            for row, factor in zip(targets, factors, strict=True):
                row[:] = taken(row, paced_from(len(row), factor, len(row)))
            return targets

        return moved
