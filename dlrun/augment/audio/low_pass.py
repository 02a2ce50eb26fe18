"""Waveforms without what is above a frequency."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.augment.audio.filtering import filtered, frequencies, low_pass
from dlrun.augment.audio.signal import Above, SoundAugmentation, log_uniform
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.ranges import Probability, fixed
from dlrun.spec.fields import Positive


@augmentation("low_pass")
class LowPass(SoundAugmentation):
    """Weaken what lies above a frequency, with Butterworth's response and no delay."""

    cutoff: Above = (1000.0, 4000.0)
    """Hz where half of the power is left: a number, or [low, high], drawn by its logarithm."""
    slope: Positive = 12.0
    """Decibels by which it falls from octave to octave above."""
    probability: Probability = 0.5
    """The share of samples that it changes."""

    def change(self, waves: Array, draws: Draws, rate: int) -> Array:
        """Filter each."""
        cutoff = log_uniform(draws, fixed(self.cutoff))
        return filtered(waves, low_pass(frequencies(waves, rate), cutoff, self.slope))
