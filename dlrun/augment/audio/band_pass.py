"""Waveforms without what is far from a frequency."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.augment.audio.filtering import filtered, frequencies, high_pass, low_pass
from dlrun.augment.audio.signal import Above, SoundAugmentation, log_uniform
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.ranges import Probability, fixed
from dlrun.spec.fields import Positive


@augmentation("band_pass")
class BandPass(SoundAugmentation):
    """Weaken what lies outside a band, with Butterworth's response and no delay, as telephones do.

    It is ``high_pass`` at the lower end of the band and ``low_pass`` at its upper end.
    """

    center: Above = (500.0, 2000.0)
    """Hz of the middle of the band: a number, or [low, high], drawn by its logarithm."""
    octaves: Above = (2.0, 4.0)
    """How wide the band is: a number, or [low, high], drawn by its logarithm."""
    slope: Positive = 12.0
    """Decibels by which it falls from octave to octave outside."""
    probability: Probability = 0.5
    """The share of samples that it changes."""

    def change(self, waves: Array, draws: Draws, rate: int) -> Array:
        """Filter each."""
        center = log_uniform(draws, fixed(self.center))
        half = 2.0 ** (log_uniform(draws, fixed(self.octaves)) / 2)
        hertz = frequencies(waves, rate)
        above = high_pass(hertz, center / half, self.slope)
        return filtered(waves, above * low_pass(hertz, center * half, self.slope))
