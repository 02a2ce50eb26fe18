"""Overdriven waveforms."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.audio.signal import SignalAugmentation, per_signal
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Level, Probability, fixed


@augmentation("clipping")
class Clipping(SignalAugmentation):
    """Cut waveforms off above a part of their own peak, as an overdriven microphone does."""

    level: Level = (0.2, 1.0)
    """That part of the peak: a number, or [low, high] to draw from; 1 cuts nothing off."""
    probability: Probability = 0.5
    """The share of samples that it changes."""

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Cut off."""
        peak = np.abs(samples).max(axis=(1, 2))
        most = per_signal(draws.uniform(*fixed(self.level)) * peak)
        return np.clip(samples, -most, most, out=samples)
