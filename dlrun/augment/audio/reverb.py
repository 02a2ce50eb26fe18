"""Simulated reverberation."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.audio.filtering import convolved
from dlrun.augment.audio.signal import Seconds, SoundAugmentation, parts, per_signal
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.ranges import Level, Probability, fixed


@augmentation("reverb")
class Reverb(SoundAugmentation):
    """Add the reverberation of a room: exponentially decaying noise, drawn for each waveform.

    The model of Moorer, "About this reverberation business" (Computer Music Journal 3, 1979).
    """

    decay: Seconds = (0.1, 0.6)
    """Seconds until echoes are 60 dB weaker: a number, or [low, high], drawn for each waveform."""
    wet: Level = (0.0, 0.5)
    """Fraction of the power that comes from echoes: a number, or [low, high]."""
    probability: Probability = 0.5
    """Fraction of samples that are changed."""

    def change(self, waves: Array, draws: Draws, rate: int) -> Array:
        """Convolve."""
        length = waves.shape[1]
        decay = draws.uniform(*fixed(self.decay))
        wet = draws.uniform(*fixed(self.wet))
        seconds = (np.arange(length) / rate).astype(np.float32)
        fall = (-np.log(1000.0) / decay).astype(np.float32)
        for part in parts(waves, 4 * waves[0].size):
            echoes = draws.some(part).normal((length,))
            echoes *= np.exp(fall[part, None] * seconds)
            echoes /= np.sqrt(np.square(echoes).sum(axis=1, keepdims=True))
            share = wet[part]
            heard = convolved(waves[part], echoes)
            waves[part] *= per_signal(np.sqrt(1.0 - share))
            waves[part] += per_signal(np.sqrt(share)) * heard
        return waves
