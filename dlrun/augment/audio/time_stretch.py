"""Waveforms that last longer or shorter, at their pitch."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.augment.audio.signal import SoundAugmentation
from dlrun.augment.audio.stretching import frame, stretched
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.ranges import Scale, around_one


@augmentation("time_stretch")
class TimeStretch(SoundAugmentation):
    """Play waveforms faster or slower about their centre, and leave their pitch.

    The length stays: slower ones are cut at both ends, beside faster ones there are zeros.  It is
    done by a phase vocoder (Flanagan & Golden 1966).
    """

    factor: Scale = 0.2
    """How many times as fast: a number d for 1 - d to 1 + d, or [low, high]."""

    def change(self, waves: Array, draws: Draws, rate: int) -> Array:
        """Stretch each."""
        factors = draws.uniform(*around_one(self.factor)).tolist()
        for wave, factor in zip(waves, factors, strict=True):
            wave[:] = stretched(wave, factor, len(wave), frame(rate))
        return waves
