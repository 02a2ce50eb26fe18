"""Low-pass filter."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.augment.audio.filtering import filtered, low_pass
from dlrun.augment.audio.signal import Frequency, Slope, SoundAugmentation, log_uniform
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.ranges import Probability, fixed


@augmentation("low_pass")
class LowPass(SoundAugmentation):
    """Low-pass filter with Butterworth's response and no delay."""

    cutoff: Frequency = (1000.0, 4000.0)
    """Frequency in Hz with half of the power: a number, or [low, high], on a logarithmic scale."""
    slope: Slope = 12.0
    """Attenuation above the cutoff, in decibels per octave."""
    probability: Probability = 0.5
    """Fraction of samples that are changed."""

    def change(self, waves: Array, draws: Draws, rate: int) -> Array:
        """Filter each."""
        cutoff = log_uniform(draws, fixed(self.cutoff))

        def response(logarithms: Array, part: slice) -> Array:
            return low_pass(logarithms, cutoff[part], self.slope)

        return filtered(waves, rate, response)
