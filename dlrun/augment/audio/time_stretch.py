"""Waveforms at another speed, with their original pitch."""

from __future__ import annotations

from typing import ClassVar

from dlrun.arrays import Array, Shape
from dlrun.augment.audio.signal import SoundAugmentation
from dlrun.augment.audio.speeds import SpeedFactor
from dlrun.augment.audio.stretching import (
    between,
    frame,
    stretched,
    stretched_from,
    taken,
    vocoder_work,
)
from dlrun.augment.augmentation import Change, Setting, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.following import Following
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import around_one


@augmentation("time_stretch")
class TimeStretch(SoundAugmentation):
    """Play waveforms faster or slower, without changing their pitch.

    The centre and the length stay the same: slower ones are cut at both ends, faster ones are
    padded with zeros.  Uses a phase vocoder (Flanagan & Golden 1966).
    """

    moves: ClassVar = True

    factor: SpeedFactor = 0.2
    """Speed factor: a number d for 1 - d to 1 + d, or [low, high]."""

    @property
    def fills(self) -> bool:
        """True, around faster ones."""
        return True

    def work(self, sample: Shape) -> int:
        """That of the vocoder."""
        return vocoder_work(sample)

    def change_with(self, rate: int, waves: Array, draws: Draws, kernels: Kernels) -> Array:
        """Stretch each."""
        factors = draws.uniform(*around_one(self.factor)).tolist()
        for wave, factor in zip(waves, factors, strict=True):
            wave[:] = stretched(wave, factor, len(wave), frame(rate), kernels)
        return waves

    def follow(self, setting: Setting, following: Following) -> Change:
        """Interpolate real-valued targets of steps; take the classes of the nearest steps."""
        if following.kind == "input":
            return self.bind(setting)
        read = taken if following.kind == "classes" else between

        def moved(targets: Array, draws: Draws, kernels: Kernels) -> Array:
            factors = draws.uniform(*around_one(self.factor)).tolist()
            for row, factor in zip(targets, factors, strict=True):
                row[:] = read(row, stretched_from(len(row), factor, len(row)))
            return targets

        return moved
