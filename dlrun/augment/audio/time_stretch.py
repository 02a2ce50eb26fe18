"""Waveforms that last longer or shorter, at their pitch."""

from __future__ import annotations

from typing import ClassVar

from dlrun.arrays import Array
from dlrun.augment.audio.signal import SoundAugmentation
from dlrun.augment.audio.stretching import between, frame, stretched, stretched_from, taken
from dlrun.augment.augmentation import Change, Setting, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.following import Following
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Scale, around_one


@augmentation("time_stretch")
class TimeStretch(SoundAugmentation):
    """Play waveforms faster or slower about their centre, and leave their pitch.

    The length stays: slower ones are cut at both ends, beside faster ones there are zeros.  It is
    done by a phase vocoder (Flanagan & Golden 1966).
    """

    moves: ClassVar = True

    factor: Scale = 0.2
    """How many times as fast: a number d for 1 - d to 1 + d, or [low, high]."""

    @property
    def fills(self) -> bool:
        """Beside faster ones."""
        return True

    def change(self, waves: Array, draws: Draws, rate: int) -> Array:
        """Stretch each."""
        factors = draws.uniform(*around_one(self.factor)).tolist()
        for wave, factor in zip(waves, factors, strict=True):
            wave[:] = stretched(wave, factor, len(wave), frame(rate))
        return waves

    def follow(self, setting: Setting, following: Following) -> Change:
        """Numbers of steps lie on lines between them, classes come from the nearest step."""
        if following.kind == "input":
            return self.bind(setting)
        read = taken if following.kind == "classes" else between

        def moved(targets: Array, draws: Draws, kernels: Kernels) -> Array:
            factors = draws.uniform(*around_one(self.factor)).tolist()
            for row, factor in zip(targets, factors, strict=True):
                row[:] = read(row, stretched_from(len(row), factor, len(row)))
            return targets

        return moved
