"""Waveforms at another speed."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.augment.audio.signal import SignalAugmentation
from dlrun.augment.audio.stretching import paced
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Scale, around_one


@augmentation("speed")
class Speed(SignalAugmentation):
    """Play waveforms faster or slower, and so higher or lower, about their centre.

    The length stays: slower ones are cut at both ends, beside faster ones there are zeros.  Ko et
    al., "Audio augmentation for speech recognition", Interspeech 2015.
    """

    factor: Scale = 0.1
    """How many times as fast: a number d for 1 - d to 1 + d, or [low, high]."""

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Resample each."""
        factors = draws.uniform(*around_one(self.factor)).tolist()
        for wave, factor in zip(samples, factors, strict=True):
            wave[:] = paced(wave, factor, len(wave))
        return samples
