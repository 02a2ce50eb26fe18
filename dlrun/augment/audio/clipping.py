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
    """Clip waveforms at a fraction of their peak, like an overdriven microphone."""

    level: Level = (0.2, 1.0)
    """Clipping level as a fraction of the peak: a number, or [low, high]; 1 changes nothing."""
    probability: Probability = 0.5
    """Fraction of samples that are changed."""

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Clip."""
        peak = np.abs(samples).max(axis=(1, 2))
        most = per_signal(draws.uniform(*fixed(self.level)) * peak)
        return np.clip(samples, -most, most, out=samples)
