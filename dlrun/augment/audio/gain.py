"""Louder and quieter waveforms."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.augment.audio.signal import Loudness, SignalAugmentation, per_signal
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import around_zero


@augmentation("gain")
class Gain(SignalAugmentation):
    """Change the volume: multiply by 10^(d / 20) for d decibels; nothing is clipped."""

    decibels: Loudness = 6.0
    """Change in decibels, at most 200: a number d for -d to d, or [low, high]."""

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Multiply."""
        samples *= per_signal(10.0 ** (draws.uniform(*around_zero(self.decibels)) / 20.0))
        return samples
