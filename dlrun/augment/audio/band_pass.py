"""Band-pass filter."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.augment.audio.filtering import filtered, high_pass, low_pass
from dlrun.augment.audio.signal import Frequency, Octaves, Slope, SoundAugmentation, log_uniform
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.ranges import Probability, fixed


@augmentation("band_pass")
class BandPass(SoundAugmentation):
    """Band-pass filter with Butterworth's response and no delay, as on the telephone.

    A ``high_pass`` at the lower end of the band and a ``low_pass`` at its upper end.
    """

    center: Frequency = (500.0, 2000.0)
    """Centre frequency in Hz: a number, or [low, high], drawn on a logarithmic scale."""
    octaves: Octaves = (2.0, 4.0)
    """Width of the band in octaves: a number, or [low, high], drawn on a logarithmic scale."""
    slope: Slope = 12.0
    """Attenuation outside the band, in decibels per octave."""
    probability: Probability = 0.5
    """Fraction of samples that are changed."""

    def change(self, waves: Array, draws: Draws, rate: int) -> Array:
        """Filter each."""
        center = log_uniform(draws, fixed(self.center))
        half = 2.0 ** (log_uniform(draws, fixed(self.octaves)) / 2)

        def response(logarithms: Array, part: slice) -> Array:
            above = high_pass(logarithms, (center / half)[part], self.slope)
            above *= low_pass(logarithms, (center * half)[part], self.slope)
            return above

        return filtered(waves, rate, response)
